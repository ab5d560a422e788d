//! Images: initials, QR codes, and placeholders of the right size for flags, logos and other sites' images.

use axum::http::header;
use qrcode::{Color, EcLevel, QrCode};

use crate::{
    ApiError, ErrorKind, Profile,
    http::{Call, Reply, Route, params::Params},
    locale, users,
};

/// The avatars service's routes.
pub fn routes(profile: Profile) -> Vec<Route> {
    const READ: &[&str] = &["avatars.read"];
    let mut routes = vec![
        Route::get("/avatars/initials", initials).scope(READ),
        Route::get("/avatars/flags/{code}", flag).scope(READ),
        Route::get("/avatars/browsers/{code}", |call| logo(call, BROWSERS)).scope(READ),
        Route::get("/avatars/credit-cards/{code}", |call| logo(call, CREDIT_CARDS)).scope(READ),
        Route::get("/avatars/qr", qr).scope(READ),
        Route::get("/avatars/favicon", |call| of_page(call, 56)).scope(READ),
        Route::get("/avatars/image", |call| of_page(call, 400)).scope(READ),
        Route::get("/avatars/screenshots", |call| of_page(call, 720)).scope(READ).check(check_browser),
    ];
    if profile == Profile::Two {
        routes.push(Route::get("/avatars/photo", photo).scope(READ));
    }
    routes
}

const BROWSERS: &[&str] = &["aa", "an", "ch", "ci", "cm", "cr", "ff", "sf", "mf", "ps", "oi", "om", "op", "on"];

const CREDIT_CARDS: &[&str] = &[
    "amex",
    "argencard",
    "cabal",
    "cencosud",
    "diners",
    "discover",
    "elo",
    "hipercard",
    "jcb",
    "mastercard",
    "naranja",
    "targeta-shopping",
    "unionpay",
    "visa",
    "mir",
    "maestro",
    "rupay",
];

/// Background colors, chosen by the name.
const BACKGROUNDS: [[u8; 3]; 6] = [
    [0x36, 0x6e, 0x8a],
    [0x5b, 0x4b, 0x8a],
    [0x8a, 0x4b, 0x5f],
    [0x4b, 0x7a, 0x4b],
    [0x8a, 0x6a, 0x36],
    [0x4b, 0x5f, 0x8a],
];

fn initials(call: &Call<'_>) -> Result<Reply, ApiError> {
    let named = call.params.optional_text("name", 1, 128)?;
    let user = call.caller.user.as_ref();
    let name = named
        .or_else(|| user.map(|user| user.name.clone()))
        .filter(|name| !name.is_empty())
        .or_else(|| user.and_then(|user| user.email.clone()))
        .unwrap_or_default();
    let width = dimension(call, "width")?;
    let height = dimension(call, "height")?;
    picture(&name, width, height)
}

/// Always returns the initials as PNG, and never requests a photo from another server.
fn photo(call: &Call<'_>) -> Result<Reply, ApiError> {
    for (name, choices) in [("output", &["png", "jpg", "webp"][..]), ("rating", &["g", "pg", "r", "x"])] {
        call.params.raw(name).map(|_| call.params.choice(name, choices)).transpose()?;
    }
    call.params.range_or("quality", 0, 100, 100)?;
    let given =
        |name, longest| Ok::<_, ApiError>(call.params.optional_text(name, 0, longest)?.filter(|text| !text.is_empty()));
    let named = given("name", 128)?;
    let other = given("userId", 36)?.filter(|id| id != "current()");
    let other = other.map(|id| call.state.store().read(|db| users::find(db, &id))).transpose()?.flatten();
    let user = other.as_ref().or(call.caller.user.as_ref());
    let name = named.or_else(|| user.map(|user| user.name.clone())).unwrap_or_default();
    let png = drawn(&name, pixels(call, "width", 256)?, pixels(call, "height", 256)?)?;
    Ok(Reply::bytes("image/png", png).header(header::CACHE_CONTROL, "no-store".to_owned()))
}

/// Draws the letters of `text` on a color chosen by the text.
fn picture(text: &str, width: u32, height: u32) -> Result<Reply, ApiError> {
    Ok(shown(drawn(text, width, height)?))
}

fn shown(png: Vec<u8>) -> Reply {
    Reply::bytes("image/png", png).header(header::CACHE_CONTROL, "private, max-age=3888000".to_owned())
}

/// A QR code of `size` by `size` pixels, with a margin given in dots.
fn coded(text: &str, size: u32, margin: u32) -> Result<Vec<u8>, ApiError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).map_err(ApiError::unknown)?;
    let width = u32::try_from(code.width()).unwrap_or(0);
    let whole = width + 2 * margin;
    let dot = |at: u32| (at * whole / size).checked_sub(margin).filter(|dot| *dot < width);
    encoded(size, size, |x, y| match dot(x).zip(dot(y)) {
        Some((x, y)) if code[(x as usize, y as usize)] == Color::Dark => [0; 3],
        _ => [0xff; 3],
    })
}

/// The image as PNG bytes.
pub(crate) fn drawn(text: &str, width: u32, height: u32) -> Result<Vec<u8>, ApiError> {
    draw(&letters(text), background(text), width, height)
}

fn flag(call: &Call<'_>) -> Result<Reply, ApiError> {
    let code = call.params.text("code", 1, 255)?;
    if !locale::is_country(&code) {
        return Err(ApiError::invalid_param("code", "Value must be one of the countries' codes"));
    }
    sized(call, &spaced(&code), 100)
}

fn logo(call: &Call<'_>, codes: &[&'static str]) -> Result<Reply, ApiError> {
    let code = call.params.choice("code", codes)?;
    sized(call, &spaced(code), 100)
}

/// A QR code, such as of an authenticator app's secret.
fn qr(call: &Call<'_>) -> Result<Reply, ApiError> {
    let text = call.params.text("text", 1, 512)?;
    let size = u32::try_from(call.params.range_or("size", 1, 1000, 400)?).unwrap_or(400);
    let margin = u32::try_from(call.params.range_or("margin", 0, 10, 1)?).unwrap_or(1);
    let reply = shown(coded(&text, size, margin)?);
    Ok(match call.params.loose_boolean_or("download", false)? {
        true => reply.header(header::CONTENT_DISPOSITION, "attachment; filename=\"qr.png\"".to_owned()),
        false => reply,
    })
}

/// Never requests images from other servers.
fn of_page(call: &Call<'_>, size: i64) -> Result<Reply, ApiError> {
    let address = call.params.text("url", 0, 2048)?;
    let page = url::Url::parse(&address).ok().filter(|page| matches!(page.scheme(), "http" | "https"));
    let page = page.ok_or_else(|| {
        ApiError::invalid_param("url", "Value must be a valid URL with following schemes (http, https)")
    })?;
    sized(call, page.host_str().unwrap_or(""), size)
}

/// Checks the settings for the screenshot's browser.
fn check_browser(params: &Params) -> Result<(), ApiError> {
    params.raw("headers").map(|_| params.object("headers")).transpose()?;
    for (name, most) in [("viewportWidth", 1920), ("viewportHeight", 1080)] {
        params.range_or(name, 1, most, 1)?;
    }
    params.raw("theme").map(|_| params.choice("theme", &["light", "dark"])).transpose()?;
    params.optional_text("userAgent", 1, 512)?;
    params.loose_boolean_or("fullpage", false)?;
    params.optional_text("locale", 1, 10)?;
    params.loose_boolean_or("touch", false)?;
    params.range_or("sleep", 0, 10, 0)?;
    for (name, least, most) in
        [("scale", 0.1, 3.0), ("latitude", -90.0, 90.0), ("longitude", -180.0, 180.0), ("accuracy", 0.0, 100_000.0)]
    {
        params.number_within(name, least, most)?;
    }
    Ok(())
}

/// The image in the requested size.
fn sized(call: &Call<'_>, text: &str, default: i64) -> Result<Reply, ApiError> {
    call.params.range_or("quality", -1, 100, -1)?;
    picture(text, pixels(call, "width", default)?, pixels(call, "height", default)?)
}

/// The requested number of pixels; 0 means `default`.
fn pixels(call: &Call<'_>, name: &str, default: i64) -> Result<u32, ApiError> {
    let requested = call.params.range_or(name, 0, 2000, default)?;
    Ok(u32::try_from(if requested == 0 { default } else { requested }).unwrap_or(1))
}

/// Separates two letters, so that each counts as a word.
fn spaced(code: &str) -> String {
    code.chars().take(2).flat_map(|letter| [letter, ' ']).collect()
}

fn dimension(call: &Call<'_>, name: &str) -> Result<u32, ApiError> {
    match call.params.range_or(name, 0, 2000, 500)? {
        // Appwrite accepts 0 and then fails.
        0 => Err(ErrorKind::GeneralUnknown.into()),
        requested => Ok(u32::try_from(requested).unwrap_or(1)),
    }
}

/// The first letters of the first two words.
fn letters(name: &str) -> Vec<char> {
    name.split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_ascii_alphanumeric()))
        .map(|letter| letter.to_ascii_uppercase())
        .take(2)
        .collect()
}

fn background(name: &str) -> [u8; 3] {
    let sum: usize = name.bytes().map(usize::from).sum();
    BACKGROUNDS[sum % BACKGROUNDS.len()]
}

/// A glyph has 5 columns and 7 rows, one bit per dot; one empty column separates glyphs.
const GLYPH: (u32, u32) = (5, 7);

fn draw(letters: &[char], background: [u8; 3], width: u32, height: u32) -> Result<Vec<u8>, ApiError> {
    let columns = u32::try_from(letters.len()).unwrap_or(0) * (GLYPH.0 + 1);
    let dot = (width / (columns + 8)).min(height / (GLYPH.1 + 8)).max(1);
    let left = width.saturating_sub(columns.saturating_sub(1) * dot) / 2;
    let top = height.saturating_sub(GLYPH.1 * dot) / 2;
    let is_inked = |x: u32, y: u32| {
        let (Some(x), Some(y)) = (x.checked_sub(left), y.checked_sub(top)) else {
            return false;
        };
        let (column, row) = (x / dot, y / dot);
        let letter = usize::try_from(column / (GLYPH.0 + 1)).ok().and_then(|index| letters.get(index));
        let column = column % (GLYPH.0 + 1);
        row < GLYPH.1
            && column < GLYPH.0
            && letter.is_some_and(|letter| {
                let bits = usize::try_from(row).ok().and_then(|row| glyph(*letter).get(row).copied()).unwrap_or(0);
                bits >> (GLYPH.0 - 1 - column) & 1 == 1
            })
    };
    encoded(width, height, |x, y| if is_inked(x, y) { [0xff, 0xff, 0xff] } else { background })
}

/// A PNG of these dots.
fn encoded(width: u32, height: u32, color: impl Fn(u32, u32) -> [u8; 3]) -> Result<Vec<u8>, ApiError> {
    let dots = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let pixels: Vec<u8> = dots.flat_map(|(x, y)| color(x, y)).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(ApiError::unknown)?;
    writer.write_image_data(&pixels).map_err(ApiError::unknown)?;
    writer.finish().map_err(ApiError::unknown)?;
    Ok(bytes)
}

fn glyph(letter: char) -> [u8; 7] {
    match letter {
        'A' => [0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'B' => [0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e],
        'C' => [0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e],
        'D' => [0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e],
        'E' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f],
        'F' => [0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10],
        'G' => [0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0f],
        'H' => [0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11],
        'I' => [0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e],
        'J' => [0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0c],
        'K' => [0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11],
        'L' => [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f],
        'M' => [0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11],
        'N' => [0x11, 0x19, 0x15, 0x13, 0x11, 0x11, 0x11],
        'O' => [0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'P' => [0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10],
        'Q' => [0x0e, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0d],
        'R' => [0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11],
        'S' => [0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e],
        'T' => [0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04],
        'U' => [0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e],
        'V' => [0x11, 0x11, 0x11, 0x11, 0x11, 0x0a, 0x04],
        'W' => [0x11, 0x11, 0x11, 0x15, 0x15, 0x1b, 0x11],
        'X' => [0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11],
        'Y' => [0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04],
        'Z' => [0x1f, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1f],
        '0' => [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e],
        '1' => [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e],
        '2' => [0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f],
        '3' => [0x1e, 0x01, 0x01, 0x0e, 0x01, 0x01, 0x1e],
        '4' => [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02],
        '5' => [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e],
        '6' => [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e],
        '7' => [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08],
        '8' => [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e],
        '9' => [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c],
        _ => [0; 7],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_first_two_words() {
        assert_eq!(letters("ann marie two"), ['A', 'M']);
        assert_eq!(letters("Ann"), ['A']);
        assert!(letters("").is_empty());
    }

    #[test]
    fn picture_has_the_requested_size() {
        let bytes = draw(&['A', 'M'], [1, 2, 3], 60, 40).expect("a picture");
        let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
        assert_eq!((reader.info().width, reader.info().height), (60, 40));
    }

    #[test]
    fn qr_code_has_its_finder_pattern_in_the_corner() {
        // Version 1: 21 dots, and one of margin on each side.
        let bytes = coded("hello", 230, 1).expect("a picture");
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("pixels");
        let row = |dot: usize| (0..9).map(|column| pixels[((dot * 10 + 5) * 230 + column * 10 + 5) * 3] == 0).collect();
        let dark = |text: &str| text.chars().map(|letter| letter == '#').collect::<Vec<_>>();
        let rows: [Vec<bool>; 3] = [row(0), row(1), row(2)];
        assert_eq!(rows, [dark("         "), dark(" ####### "), dark(" #     # ")]);
    }

    #[test]
    fn letters_are_drawn() {
        let empty = draw(&[], [0, 0, 0], 40, 40).expect("a picture");
        let inked = draw(&['K'], [0, 0, 0], 40, 40).expect("a picture");
        assert_ne!(empty, inked);
    }

    #[test]
    fn smallest_picture_is_one_dot() {
        assert!(draw(&['K'], [0, 0, 0], 1, 1).is_ok());
    }
}
