//! The two files with Leptos' settings agree.

/// The lines of the section, without comments and empty lines.
fn section(file: &str) -> Vec<&str> {
    file.lines()
        .skip_while(|line| *line != "[[workspace.metadata.leptos]]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

#[test]
fn leptos_toml_has_the_settings_of_cargo_toml() {
    let built = section(include_str!("../../Cargo.toml"));
    assert!(!built.is_empty());
    assert_eq!(section(include_str!("../../Leptos.toml")), built);
}
