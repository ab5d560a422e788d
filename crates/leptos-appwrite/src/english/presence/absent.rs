//! Stands in for the texts where presence is off: there is nobody to name.

pub fn also_here(_names: &[String]) -> String {
    String::new()
}
