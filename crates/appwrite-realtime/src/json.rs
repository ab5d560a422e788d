//! A JSON value with what the protocol reads of it. Any parser can make it: `serde_json` on a server, the browser's own in a browser. Both make
//! the same of a frame.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Values inside values, as in `serde_json`: the browser's parser has no limit, and the stack has.
const MAX_DEPTH: u8 = 128;
/// The largest whole number below which JavaScript's numbers keep all digits.
const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// A JSON value. Fractions and whole numbers beyond 2^53 are null, because no frame needs them.
#[derive(Debug)]
pub enum Json {
    /// Null.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object: its names and values, as sent.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Removes the value of an object's field and returns it; null if there is none.
    pub(crate) fn take(&mut self, name: &str) -> Self {
        let Self::Object(fields) = self else { return Self::Null };
        // As other parsers do: the last field of a name counts.
        let value = fields.iter_mut().rev().find(|(other, _)| other == name);
        value.map_or(Self::Null, |(_, value)| std::mem::replace(value, Self::Null))
    }

    /// Returns the text, or an empty one. A number is a text too.
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Returns the values of a list. PHP writes an array whose keys do not count from 0 as an object.
    pub(crate) fn into_values(self) -> Vec<Self> {
        match self {
            Self::List(values) => values,
            Self::Object(fields) => fields.into_iter().map(|(_, value)| value).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the texts in a list.
    pub(crate) fn into_texts(self) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.into_values() {
            if let Self::Text(text) = value {
                texts.push(text);
            }
        }
        texts
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AnyValue { depth: 0 }.deserialize(deserializer)
    }
}

/// Reads a value that is inside this many others.
#[derive(Clone, Copy)]
struct AnyValue {
    depth: u8,
}

impl AnyValue {
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH { Err(E::custom("too deep")) } else { Ok(Self { depth: self.depth + 1 }) }
    }
}

impl<'de> DeserializeSeed<'de> for AnyValue {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        let is_exact = (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&number);
        Ok(if is_exact { Json::Number(number) } else { Json::Null })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    #[expect(clippy::cast_possible_truncation, reason = "a whole number, or too large in any case")]
    fn visit_f64<E: Error>(self, number: f64) -> Result<Json, E> {
        if number.fract() == 0.0 { self.visit_i64(number as i64) } else { Ok(Json::Null) }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let inside = self.inside()?;
        let mut fields = Vec::new();
        while let Some(name) = entries.next_key()? {
            fields.push((name, entries.next_value_seed(inside)?));
        }
        Ok(Json::Object(fields))
    }
}
