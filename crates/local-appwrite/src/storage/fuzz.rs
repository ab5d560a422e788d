//! Tests that no image and no parameter makes a preview panic.

use std::{io::Cursor, sync::LazyLock};

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::preview::PreviewOptions;
use crate::{fuzz, http::params::Params};

static PICTURES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
    let picture = |format| {
        let mut bytes = Cursor::new(Vec::new());
        let pixels = RgbaImage::from_pixel(9, 5, Rgba([20, 40, 7, 255]));
        let pixels = DynamicImage::ImageRgba8(pixels);
        let pixels = if format == ImageFormat::Jpeg { pixels.into_rgb8().into() } else { pixels };
        pixels.write_to(&mut bytes, format).expect("a picture");
        bytes.into_inner()
    };
    formats.map(picture).to_vec()
});

fn wanted(params: &Value) -> Option<PreviewOptions> {
    PreviewOptions::of(&Params::new(params.as_object().cloned().unwrap_or_default())).ok()
}

#[test]
fn cropped_picture_has_at_least_one_pixel() {
    for (width, height) in [(4000, 1), (1, 4000), (1, 0), (0, 1)] {
        let wanted = wanted(&json!({"width": width, "height": height, "output": "png"})).expect("parameters");
        let (_, bytes) = wanted.made_of(&PICTURES[0]).expect("a picture");
        assert!(image::load_from_memory(&bytes).is_ok(), "{width} {height}");
    }
}

#[test]
fn gif_without_pixels_has_no_preview() {
    const GIF: &[u8] = b"GIF89a\0\0\0\0\0\0\0!\xf9\x04\x08\0\0\0\0,\0\0\0\0\x09\0\x05\0\x80\x14(\x07\0\0\0\x02\x05\x84\x8f\xa9\xa9\xa9\xa9\xa9\xa9\xa9\xcb]\0;";
    for width in [0, 10] {
        assert!(wanted(&json!({"width": width})).expect("parameters").made_of(GIF).is_none(), "{width}");
    }
}

proptest! {
    #![proptest_config(fuzz::config())]

    #[test]
    fn pictures_and_parameters_never_make_a_preview_panic(
        picture in fuzz::broken_bytes(&PICTURES),
        (width, height) in (0..40_u32, 0..40_u32),
        (rotation, radius) in (-5..5_i64, 0..50_u32),
        opacity in prop_oneof![Just("1"), Just("0"), Just("0.5"), Just("nan"), Just("-1")],
        background in prop_oneof![Just(""), Just("fff"), Just("00ff00"), Just("é00"), Just("+12345")],
        output in prop_oneof![Just(""), Just("jpg"), Just("png"), Just("webp"), Just("gif"), Just("avif")],
        gravity in prop_oneof![Just(""), Just("top-left"), Just("bottom"), Just("right")],
    ) {
        let params = json!({
            "width": width, "height": height, "rotation": rotation * 90, "borderRadius": radius, "opacity": opacity,
            "background": background, "output": output, "gravity": gravity,
        });
        if let Some(wanted) = wanted(&params)
            && let Some((_, bytes)) = wanted.made_of(&picture)
        {
            let made = image::load_from_memory(&bytes).expect("a picture");
            if width > 0 && height > 0 {
                let turned = rotation.rem_euclid(2) == 1;
                let size = if turned { (height, width) } else { (width, height) };
                prop_assert_eq!((made.width(), made.height()), size);
            }
        }
    }
}
