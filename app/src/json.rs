//! Reads what the server answered, with a third less code than serde's own way.
//!
//! What serde derives for a struct reads it from an array of its fields as well as from an object. Nobody writes such
//! arrays here, but for every type the code would be part of what a browser downloads. [`read`] asks for objects alone.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor},
};

/// Reads a whole text.
pub(crate) fn read<'a, Data: Deserialize<'a>>(text: &'a str) -> Result<Data, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let data = Data::deserialize(Objects(&mut reader))?;
    reader.end().map(|()| data)
}

/// What reads the parts of a value, and the values of a list or an object, in turn asks for objects alone.
struct Objects<Inner>(Inner);

/// Takes an object; an array of fields is an error.
struct Fields<Inner>(Inner);

/// Takes whatever else holds values.
struct Parts<Inner>(Inner);

macro_rules! plainly {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            self.0.$method(visitor)
        })*
    };
}

impl<'de, Inner: Deserializer<'de>> Deserializer<'de> for Objects<Inner> {
    type Error = Inner::Error;

    plainly! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_identifier deserialize_ignored_any
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_struct(name, fields, Fields(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, Parts(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_option(Parts(visitor))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_seq(Parts(visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_map(Fields(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_tuple(length, Parts(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_tuple_struct(name, length, Parts(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_newtype_struct(name, Parts(visitor))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_unit_struct(name, visitor)
    }
}

impl<'de, Inner: Visitor<'de>> Visitor<'de> for Fields<Inner> {
    type Value = Inner::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.0.visit_map(Objects(map))
    }
}

impl<'de, Inner: Visitor<'de>> Visitor<'de> for Parts<Inner> {
    type Value = Inner::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        self.0.visit_some(Objects(reader))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        self.0.visit_newtype_struct(Objects(reader))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        self.0.visit_seq(Objects(list))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<Self::Value, A::Error> {
        self.0.visit_enum(Objects(variant))
    }
}

impl<'de, Inner: DeserializeSeed<'de>> DeserializeSeed<'de> for Parts<Inner> {
    type Value = Inner::Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(Objects(reader))
    }
}

impl<'de, Inner: SeqAccess<'de>> SeqAccess<'de> for Objects<Inner> {
    type Error = Inner::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Self::Error> {
        self.0.next_element_seed(Parts(seed))
    }
}

impl<'de, Inner: MapAccess<'de>> MapAccess<'de> for Objects<Inner> {
    type Error = Inner::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Self::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Self::Error> {
        self.0.next_value_seed(Parts(seed))
    }
}

impl<'de, Inner: EnumAccess<'de>> EnumAccess<'de> for Objects<Inner> {
    type Error = Inner::Error;
    type Variant = Objects<Inner::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), Self::Error> {
        self.0.variant_seed(seed).map(|(name, variant)| (name, Objects(variant)))
    }
}

impl<'de, Inner: VariantAccess<'de>> VariantAccess<'de> for Objects<Inner> {
    type Error = Inner::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error> {
        self.0.newtype_variant_seed(Parts(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.tuple_variant(length, Parts(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.struct_variant(fields, Fields(visitor))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Plain,
        One(u8),
        Two(u8, String),
        Named { inner: Option<Inner> },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", content = "value", rename_all = "snake_case")]
    enum Tagged {
        Text(String),
        Inner(Inner),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        id: Id,
        pair: (i64, bool),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Id(String);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Outer {
        kinds: Vec<Kind>,
        tagged: Vec<Tagged>,
        map: BTreeMap<String, Vec<Inner>>,
        #[serde(default)]
        missing: Option<String>,
    }

    fn inner() -> Inner {
        Inner { id: Id("ä\"".to_owned()), pair: (-1, true) }
    }

    #[test]
    fn everything_that_is_written_is_read_again() {
        let outer = Outer {
            kinds: vec![Kind::Plain, Kind::One(1), Kind::Two(2, "b".to_owned()), Kind::Named { inner: Some(inner()) }],
            tagged: vec![Tagged::Text("a".to_owned()), Tagged::Inner(inner())],
            map: BTreeMap::from([("a".to_owned(), vec![inner(), inner()])]),
            missing: None,
        };
        assert_eq!(read::<Outer>(&serde_json::to_string(&outer).unwrap()).unwrap(), outer);
        assert_eq!(read::<Option<Inner>>("null").unwrap(), None);
        assert_eq!(read::<Result<u8, String>>(r#"{"Err":"no"}"#).unwrap(), Err("no".to_owned()));
    }

    #[test]
    fn a_struct_is_an_object_and_nothing_follows_it() {
        assert!(read::<Inner>(r#"{"id":"a","pair":[1,true]}"#).is_ok());
        assert!(read::<Inner>(r#"["a",[1,true]]"#).is_err());
        assert!(read::<Inner>(r#"{"id":"a","pair":[1,true]} x"#).is_err());
    }
}
