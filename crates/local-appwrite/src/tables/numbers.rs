//! Numbers as PHP writes them.

use serde_json::Value;

/// A number as PHP writes it into JSON: without `.0`.
#[expect(clippy::cast_possible_truncation, reason = "whole numbers of at most fifteen digits fit")]
#[must_use]
pub fn php_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 { Value::from(number as i64) } else { Value::from(number) }
}
