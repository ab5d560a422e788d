//! Reads JSON with the browser's own parser.
//!
//! `serde_json` has a parser of its own for each type that is read, and texts for errors that nobody sees: together, that was a
//! tenth of the code that every page loads.

use std::fmt;
use std::marker::PhantomData;

use leptos::wasm_bindgen::{JsCast, JsValue};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};
use web_sys::js_sys::{Array, JSON, Object};

/// The largest whole number below which JavaScript's numbers keep all digits.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// The text is no JSON, or of another type.
#[derive(Debug)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unreadable JSON")
    }
}

impl std::error::Error for Unreadable {}

impl Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Returns the value of this text.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    T::deserialize(Value(JSON::parse(text).map_err(|_| Unreadable)?))
}

/// A value of a page that the browser reads only when a component asks for it. So the code that reads it can be in a
/// [`Part`](crate::routes::Part) of the wasm.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Later<T>(String, PhantomData<T>);

impl<T: DeserializeOwned> Later<T> {
    /// Returns the value, unless the page is of another version of the app.
    pub fn read(&self) -> Option<T> {
        from_text(&self.0).ok()
    }
}

/// A value that the browser has parsed.
struct Value(JsValue);

impl Value {
    fn items(self) -> Result<Items, Unreadable> {
        self.0.dyn_into().map(|array| Items { array, next: 0 }).map_err(|_| Unreadable)
    }

    /// Returns the names and values of an object, in turns.
    fn fields(&self) -> Result<Items, Unreadable> {
        let object = self.0.dyn_ref::<Object>().ok_or(Unreadable)?;
        Ok(Items { array: Object::entries(object).flat(1), next: 0 })
    }
}

/// The values of an array that are left.
struct Items {
    array: Array,
    next: u32,
}

impl Items {
    fn next(&mut self) -> Option<Value> {
        (self.next < self.array.length()).then(|| {
            self.next += 1;
            Value(self.array.get(self.next - 1))
        })
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = Unreadable;

    #[expect(clippy::cast_possible_truncation, reason = "JavaScript's whole numbers are smaller")]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if let Some(text) = self.0.as_string() {
            visitor.visit_string(text)
        } else if let Some(number) = self.0.as_f64() {
            // A larger whole number may have lost digits, so types of whole numbers refuse it.
            let is_exact = number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER;
            if is_exact { visitor.visit_i64(number as i64) } else { visitor.visit_f64(number) }
        } else if let Some(flag) = self.0.as_bool() {
            visitor.visit_bool(flag)
        } else if self.0.is_null() {
            visitor.visit_unit()
        } else if self.0.is_array() {
            visitor.visit_seq(self.items()?)
        } else {
            visitor.visit_map(self.fields()?)
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_string(self.0.as_string().ok_or(Unreadable)?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_str(&self.0.as_string().ok_or(Unreadable)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_map(self.fields()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_enum(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes byte_buf unit unit_struct
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        self.next().map(|item| seed.deserialize(item)).transpose()
    }
}

impl<'de> MapAccess<'de> for Items {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        seed.deserialize(self.next().ok_or(Unreadable)?)
    }
}

/// A variant without content is its name. Others are an object with the name and the content.
impl<'de> EnumAccess<'de> for Value {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unreadable> {
        if self.0.is_string() {
            return Ok((seed.deserialize(self)?, Self(JsValue::NULL)));
        }
        let mut fields = self.fields()?;
        let (name, content) = fields.next().zip(fields.next()).ok_or(Unreadable)?;
        Ok((seed.deserialize(name)?, content))
    }
}

impl<'de> VariantAccess<'de> for Value {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unreadable> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_map(visitor)
    }
}
