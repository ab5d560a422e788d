//! A JSON value with what the protocol reads of it. Any parser can make it: `serde_json` on a server, the browser's own in a browser.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A JSON value. Fractions and whole numbers beyond 64 bits are null, because no frame needs them.
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
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

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
        Ok(Json::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Null, Json::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = entries.next_entry()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }
}
