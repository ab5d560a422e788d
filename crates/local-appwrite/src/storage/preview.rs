//! Preview images: cropped, rotated, rounded and encoded again.

use std::io::Cursor;

use image::{
    DynamicImage, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};

use crate::{ApiError, http::params::Params};

/// The maximum memory for one image, in bytes.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;

/// The default quality of a JPEG.
const DEFAULT_QUALITY: u8 = 80;

/// Parameters that this backend ignores.
const IGNORED: &[&str] = &["borderWidth", "borderColor"];

/// The requested image.
pub(super) struct PreviewOptions {
    pub(super) width: u32,
    pub(super) height: u32,
    gravity: &'static str,
    quality: Option<u8>,
    radius: u32,
    opacity: f32,
    rotation: i64,
    background: Option<Rgba<u8>>,
    output: Option<&'static str>,
    /// True if any parameter was sent.
    is_any: bool,
    /// The ignored parameters.
    pub(super) ignored: Vec<&'static str>,
}

impl PreviewOptions {
    /// Reads the request's parameters.
    ///
    /// # Errors
    /// When one is out of its range.
    pub(super) fn of(params: &Params) -> Result<Self, ApiError> {
        const SENT: &[&str] = &[
            "width",
            "height",
            "gravity",
            "quality",
            "borderWidth",
            "borderColor",
            "borderRadius",
            "opacity",
            "rotation",
            "background",
            "output",
        ];
        const GRAVITIES: &[&str] =
            &["center", "top-left", "top", "top-right", "left", "right", "bottom-left", "bottom", "bottom-right"];
        let is_sent = |name: &str| params.raw(name).is_some_and(|value| value != "");
        let number = |name, min, max, default| params.range_or(name, min, max, default);
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        let (width, height) = (small(number("width", 0, 4000, 0)?), small(number("height", 0, 4000, 0)?));
        let quality = u8::try_from(number("quality", -1, 100, -1)?).ok();
        number("borderWidth", 0, 100, 0)?;
        let radius = small(number("borderRadius", 0, 4000, 0)?);
        let rotation = number("rotation", -360, 360, 0)?;
        let gravity = if is_sent("gravity") { params.choice("gravity", GRAVITIES)? } else { "center" };
        let output = match is_sent("output") {
            true => Some(params.choice("output", &["jpg", "jpeg", "png", "webp", "heic", "avif", "gif"])?),
            false => None,
        };
        let mut ignored: Vec<&'static str> = IGNORED.iter().copied().filter(|name| is_sent(name)).collect();
        if rotation % 90 != 0 {
            ignored.push("rotation");
        }
        if output.is_some_and(|output| matches!(output, "heic" | "avif")) {
            ignored.push("output");
        }
        Ok(Self {
            width,
            height,
            gravity,
            quality,
            radius,
            opacity: opacity(params)?,
            rotation,
            background: color(params, "background")?,
            output,
            is_any: SENT.iter().any(|name| params.raw(name).is_some()),
            ignored,
        })
    }

    /// Returns true if the response is the unchanged file.
    pub(super) fn is_as_uploaded(&self) -> bool {
        !self.is_any
    }

    /// The image and its type; `None` if the file is not a readable image.
    pub(super) fn made_of(&self, bytes: &[u8]) -> Option<(&'static str, Vec<u8>)> {
        let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
        let own = reader.format()?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_MEMORY);
        reader.limits(limits);
        // A GIF may declare a size of zero.
        let decoded = reader.decode().ok().filter(|picture| picture.width() > 0 && picture.height() > 0)?;
        let mut picture = self.cut(decoded);
        picture = match self.rotation.rem_euclid(360) {
            90 => picture.rotate90(),
            180 => picture.rotate180(),
            270 => picture.rotate270(),
            _ => picture,
        };
        let format = match self.output {
            Some("jpg" | "jpeg") => ImageFormat::Jpeg,
            Some("webp") => ImageFormat::WebP,
            Some("gif") => ImageFormat::Gif,
            Some("png") => ImageFormat::Png,
            _ => own,
        };
        self.written(self.painted(picture), format)
    }

    /// Crops the image to the size, and keeps as large a part as fits.
    fn cut(&self, picture: DynamicImage) -> DynamicImage {
        let (own_width, own_height) = (picture.width(), picture.height());
        let scaled = |requested: u32, by: u32, of: u32| {
            u32::try_from(u64::from(requested) * u64::from(by) / u64::from(of.max(1)))
        };
        let (width, height) = match (self.width, self.height) {
            (0, 0) => return picture,
            (width, 0) => (width, scaled(width, own_height, own_width).unwrap_or(1).clamp(1, 4000)),
            (0, height) => (scaled(height, own_width, own_height).unwrap_or(1).clamp(1, 4000), height),
            both => both,
        };
        // The largest part of the image with the wanted proportions.
        let part_height = scaled(own_width, height, width).unwrap_or(own_height).clamp(1, own_height);
        let part_width = scaled(own_height, width, height).unwrap_or(own_width).clamp(1, own_width);
        let (free_x, free_y) = (own_width - part_width, own_height - part_height);
        let x = if self.gravity.ends_with("left") {
            0
        } else if self.gravity.ends_with("right") {
            free_x
        } else {
            free_x / 2
        };
        let y = if self.gravity.starts_with("top") {
            0
        } else if self.gravity.starts_with("bottom") {
            free_y
        } else {
            free_y / 2
        };
        picture.crop_imm(x, y, part_width, part_height).resize_exact(width, height, FilterType::Triangle)
    }

    /// Applies opacity, round corners and background.
    fn painted(&self, picture: DynamicImage) -> DynamicImage {
        if self.opacity >= 1.0 && self.radius == 0 && self.background.is_none() {
            return picture;
        }
        let mut pixels = picture.into_rgba8();
        let (width, height) = pixels.dimensions();
        let radius = self.radius.min(width / 2).min(height / 2);
        for (x, y, pixel) in pixels.enumerate_pixels_mut() {
            let is_cut = is_beyond_corner((x, y), (width, height), radius);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255 times 0 to 1")]
            let alpha = (f32::from(pixel.0[3]) * self.opacity) as u8;
            pixel.0[3] = if is_cut { 0 } else { alpha };
        }
        match self.background {
            None => DynamicImage::ImageRgba8(pixels),
            Some(color) => {
                let mut ground = RgbaImage::from_pixel(width, height, color);
                imageops::overlay(&mut ground, &pixels, 0, 0);
                DynamicImage::ImageRgba8(ground)
            }
        }
    }

    fn written(&self, picture: DynamicImage, format: ImageFormat) -> Option<(&'static str, Vec<u8>)> {
        let mut bytes = Cursor::new(Vec::new());
        match format {
            ImageFormat::Jpeg => {
                let quality = self.quality.unwrap_or(DEFAULT_QUALITY).clamp(1, 100);
                let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
                picture.into_rgb8().write_with_encoder(encoder).ok()?;
            }
            // These encoders support no other pixel format.
            ImageFormat::WebP | ImageFormat::Gif => picture.into_rgba8().write_to(&mut bytes, format).ok()?,
            format => picture.write_to(&mut bytes, format).ok()?,
        }
        Some((format.to_mime_type(), bytes.into_inner()))
    }
}

fn opacity(params: &Params) -> Result<f32, ApiError> {
    let Some(sent) = params.raw("opacity") else {
        return Ok(1.0);
    };
    let number = sent.as_str().and_then(|text| text.parse::<f32>().ok()).filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| ApiError::invalid_param("opacity", "Value must be a valid range between 0 and 1"))
}

/// A color in three or six hexadecimal digits.
fn color(params: &Params, name: &str) -> Result<Option<Rgba<u8>>, ApiError> {
    let Some(text) = params.raw(name).and_then(|value| value.as_str()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let long: String =
        if text.len() == 3 { text.chars().flat_map(|digit| [digit, digit]).collect() } else { text.into() };
    let is_color = long.len() == 6 && long.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u32::from_str_radix(&long, 16).ok().filter(|_| is_color) {
        Some(number) => {
            let [_, red, green, blue] = number.to_be_bytes();
            Ok(Some(Rgba([red, green, blue, u8::MAX])))
        }
        None => Err(ApiError::invalid_param(name, "Value must be a valid Hex color code without #")),
    }
}

/// Returns true for a pixel outside the round corner.
fn is_beyond_corner((x, y): (u32, u32), (width, height): (u32, u32), radius: u32) -> bool {
    let depth = |at: u32, length: u32| radius.saturating_sub(at.min(length - 1 - at));
    let (x, y) = (u64::from(depth(x, width)), u64::from(depth(y, height)));
    x > 0 && y > 0 && x * x + y * y > u64::from(radius) * u64::from(radius)
}
