//! Points, lines and polygons: validates them with Appwrite's messages, and evaluates queries on them.

use serde_json::{Value, json};

use super::numbers::php_number;

/// The Earth's radius in meters that Appwrite passes to `ST_DISTANCE_SPHERE`.
const EARTH_RADIUS: f64 = 6_371_000.0;

type Position = [f64; 2];

/// The kind of a geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `[x, y]`.
    Point,
    /// Two or more points.
    Line,
    /// Rings: the first one is the outline, and the others are holes.
    Polygon,
}

impl Shape {
    /// The column's type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Line => "linestring",
            Self::Polygon => "polygon",
        }
    }

    /// Validates a value and returns it as it is stored: numbers in lists, whatever the form was.
    ///
    /// # Errors
    /// Appwrite's message.
    pub fn accept(self, value: &Value) -> Result<Value, String> {
        self.checked(value).map_err(|why| format!("Value must be a valid {}: {why}", self.name()))
    }

    fn checked(self, value: &Value) -> Result<Value, String> {
        let parsed;
        let list = match value {
            Value::Array(list) => list,
            Value::String(text) => {
                parsed = self.read_text(text).ok_or("")?;
                &parsed
            }
            _ => return Err("Spatial value must be array or WKT string".to_owned()),
        };
        match self {
            Self::Point => point(list),
            Self::Line => line(list),
            Self::Polygon => polygon(list),
        }
    }

    /// Parses well-known text, such as `POINT(1 2)`.
    fn read_text(self, text: &str) -> Option<Vec<Value>> {
        let name = self.name().to_uppercase();
        let inner = text.trim().to_uppercase().strip_prefix(&name)?.trim().to_owned();
        let spots = |text: &str| -> Option<Vec<Value>> {
            let spot = |text: &str| {
                let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
                Some(json!(numbers))
            };
            text.split(',').map(spot).collect()
        };
        let bare = inner.strip_prefix('(')?.strip_suffix(')')?.trim();
        match self {
            Self::Point => spots(bare)?.first()?.as_array().cloned(),
            Self::Line => spots(bare),
            Self::Polygon => {
                let rings = bare.strip_prefix('(')?.strip_suffix(')')?;
                rings.split("),").map(|ring| spots(ring.trim().trim_start_matches('(')).map(Value::Array)).collect()
            }
        }
    }
}

/// Parses a number, which may be a string, like PHP's `is_numeric`.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number| number.is_finite())
}

fn coordinates(x: f64, y: f64) -> Result<Value, String> {
    if !(-180.0..=180.0).contains(&x) {
        return Err(format!("Longitude (x) must be between -180 and 180, got {x}"));
    }
    if !(-90.0..=90.0).contains(&y) {
        return Err(format!("Latitude (y) must be between -90 and 90, got {y}"));
    }
    Ok(json!([php_number(x), php_number(y)]))
}

fn point(list: &[Value]) -> Result<Value, String> {
    let [x, y] = list else {
        return Err("Point must be an array of two numeric values [x, y]".to_owned());
    };
    match (number(x), number(y)) {
        (Some(x), Some(y)) => coordinates(x, y),
        _ => Err("Point coordinates must be numeric values".to_owned()),
    }
}

fn line(list: &[Value]) -> Result<Value, String> {
    if list.len() < 2 {
        return Err("LineString must contain at least two points".to_owned());
    }
    let spot = |(index, value): (usize, &Value)| {
        let Some([x, y]) = value.as_array().map(Vec::as_slice) else {
            return Err("Each point in LineString must be an array of two values [x, y]".to_owned());
        };
        let (Some(x), Some(y)) = (number(x), number(y)) else {
            return Err("Each point in LineString must have numeric coordinates".to_owned());
        };
        coordinates(x, y).map_err(|why| format!("Invalid coordinates at point #{index}: {why}"))
    };
    list.iter().enumerate().map(spot).collect()
}

fn polygon(list: &[Value]) -> Result<Value, String> {
    if list.is_empty() {
        return Err("Polygon must contain at least one ring".to_owned());
    }
    let is_ring =
        matches!(list[0].as_array().map(Vec::as_slice), Some([x, y]) if number(x).is_some() && number(y).is_some());
    if is_ring {
        return Ok(json!([ring(0, list)?]));
    }
    let rings = list.iter().enumerate().map(|(index, value)| {
        let points = value.as_array().filter(|points| !points.is_empty());
        ring(index, points.ok_or_else(|| format!("Ring #{index} must be an array of points"))?)
    });
    rings.collect()
}

fn ring(ring: usize, points: &[Value]) -> Result<Value, String> {
    if points.len() < 4 {
        return Err(format!("Ring #{ring} must contain at least 4 points to form a closed polygon"));
    }
    let spot = |(index, value): (usize, &Value)| {
        let Some([x, y]) = value.as_array().map(Vec::as_slice) else {
            return Err(format!("Point #{index} in ring #{ring} must be an array of two values [x, y]"));
        };
        let (Some(x), Some(y)) = (number(x), number(y)) else {
            return Err(format!("Coordinates of point #{index} in ring #{ring} must be numeric"));
        };
        coordinates(x, y).map_err(|why| format!("Invalid coordinates at point #{index} in ring #{ring}: {why}"))
    };
    let spots: Value = points.iter().enumerate().map(spot).collect::<Result<_, _>>()?;
    if points.first() != points.last() {
        return Err(format!("Ring #{ring} must be closed (first point must equal last point)"));
    }
    Ok(spots)
}

/// A geometry of a row or a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Geometry {
    /// A point.
    Point(Position),
    /// A line.
    Line(Vec<Position>),
    /// A polygon's rings.
    Polygon(Vec<Vec<Position>>),
}

impl Geometry {
    /// Reads nested lists of numbers; `None` if they form no geometry.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let spots = |value: &Value| -> Option<Vec<Position>> { value.as_array()?.iter().map(spot).collect() };
        if let Some(point) = spot(value) {
            return Some(Self::Point(point));
        }
        if let Some(points) = spots(value) {
            return (points.len() > 1).then_some(Self::Line(points));
        }
        let rings: Option<Vec<Vec<Position>>> = value.as_array()?.iter().map(spots).collect();
        rings.filter(|rings| rings.first().is_some_and(|ring| ring.len() > 3)).map(Self::Polygon)
    }

    /// The kind.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match self {
            Self::Point(_) => Shape::Point,
            Self::Line(_) => Shape::Line,
            Self::Polygon(_) => Shape::Polygon,
        }
    }

    fn paths(&self) -> Vec<&[Position]> {
        match self {
            Self::Point(spot) => vec![std::slice::from_ref(spot)],
            Self::Line(spots) => vec![spots],
            Self::Polygon(rings) => rings.iter().map(Vec::as_slice).collect(),
        }
    }

    /// The edges. A point is an edge without length.
    fn edges(&self) -> Vec<(Position, Position)> {
        let of = |path: &[Position]| match path {
            [spot] => vec![(*spot, *spot)],
            path => path.windows(2).map(|pair| (pair[0], pair[1])).collect(),
        };
        self.paths().into_iter().flat_map(of).collect()
    }

    /// Returns true if the point is inside the polygon, but not on an edge.
    fn encloses(&self, spot: Position) -> bool {
        let Self::Polygon(rings) = self else {
            return false;
        };
        let is_on_edge = self.edges().iter().any(|edge| on_edge(*edge, spot));
        !is_on_edge && rings.iter().filter(|ring| is_inside(ring, spot)).count() % 2 == 1
    }

    /// Returns true if both share a point.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        let (own, others) = (self.edges(), other.edges());
        own.iter().any(|own| others.iter().any(|other| cross(*own, *other)))
            || own.iter().any(|(spot, _)| other.encloses(*spot))
            || others.iter().any(|(spot, _)| self.encloses(*spot))
    }

    /// The distance in degrees, as `ST_Distance` computes it.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        if self.intersects(other) {
            return 0.0;
        }
        let (own, others) = (self.edges(), other.edges());
        let between = own.iter().flat_map(|own| others.iter().map(|other| between(*own, *other)));
        between.fold(f64::INFINITY, f64::min)
    }

    /// The distance between two points on the Earth, in meters.
    #[must_use]
    pub fn meters(&self, other: &Self) -> Option<f64> {
        let (Self::Point([x, y]), Self::Point([a, b])) = (self, other) else {
            return None;
        };
        let [x, y, a, b] = [x, y, a, b].map(|degrees| degrees.to_radians());
        let half = ((b - y) / 2.0).sin().powi(2) + y.cos() * b.cos() * ((a - x) / 2.0).sin().powi(2);
        Some(2.0 * EARTH_RADIUS * half.sqrt().min(1.0).asin())
    }

    /// Returns true if a point is inside this polygon, or equal to this point.
    #[must_use]
    pub fn contains(&self, spot: Position) -> bool {
        self.encloses(spot) || *self == Self::Point(spot)
    }
}

fn spot(value: &Value) -> Option<Position> {
    match value.as_array()?.as_slice() {
        [x, y] => Some([number(x)?, number(y)?]),
        _ => None,
    }
}

/// Twice the area of a triangle. It is zero if the three points are on a line.
fn turn(a: Position, b: Position, c: Position) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn on_edge((a, b): (Position, Position), spot: Position) -> bool {
    turn(a, b, spot) == 0.0 && (0..2).all(|axis| (a[axis].min(b[axis])..=a[axis].max(b[axis])).contains(&spot[axis]))
}

fn cross(own: (Position, Position), other: (Position, Position)) -> bool {
    let sides =
        |edge: (Position, Position), of: (Position, Position)| turn(edge.0, edge.1, of.0) * turn(edge.0, edge.1, of.1);
    (sides(own, other) < 0.0 && sides(other, own) < 0.0)
        || on_edge(own, other.0)
        || on_edge(own, other.1)
        || on_edge(other, own.0)
        || on_edge(other, own.1)
}

/// Counts the edges that a ray to the right crosses.
fn is_inside(ring: &[Position], spot: Position) -> bool {
    let crossed = ring.windows(2).filter(|pair| {
        let (a, b) = (pair[0], pair[1]);
        (a[1] > spot[1]) != (b[1] > spot[1]) && spot[0] < (b[0] - a[0]) * (spot[1] - a[1]) / (b[1] - a[1]) + a[0]
    });
    crossed.count() % 2 == 1
}

fn between(own: (Position, Position), other: (Position, Position)) -> f64 {
    let to_edge = |(a, b): (Position, Position), spot: Position| {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx * dx + dy * dy;
        let part = if length == 0.0 {
            0.0
        } else {
            (((spot[0] - a[0]) * dx + (spot[1] - a[1]) * dy) / length).clamp(0.0, 1.0)
        };
        (spot[0] - a[0] - part * dx).hypot(spot[1] - a[1] - part * dy)
    };
    [to_edge(own, other.0), to_edge(own, other.1), to_edge(other, own.0), to_edge(other, own.1)]
        .into_iter()
        .fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geometry(value: Value) -> Geometry {
        Geometry::read(&value).expect("a geometry")
    }

    fn square() -> Geometry {
        geometry(json!([[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]]))
    }

    #[test]
    fn value_errors_have_appwrites_message() {
        let why = |shape: Shape, value: Value| shape.accept(&value).expect_err("a refusal");
        assert_eq!(
            why(Shape::Point, json!([1])),
            "Value must be a valid point: Point must be an array of two numeric values [x, y]"
        );
        assert!(why(Shape::Point, json!([181, 0])).ends_with("Longitude (x) must be between -180 and 180, got 181"));
        assert!(why(Shape::Line, json!([[1, 2]])).ends_with("LineString must contain at least two points"));
        assert!(why(Shape::Polygon, json!([[[0, 0], [1, 0], [1, 1], [0, 1]]])).contains("Ring #0 must be closed"));
        assert!(why(Shape::Point, json!(5)).ends_with("Spatial value must be array or WKT string"));
    }

    #[test]
    fn well_known_text_and_single_rings_become_lists() {
        assert_eq!(Shape::Point.accept(&json!("POINT(1.5 2)")), Ok(json!([1.5, 2])));
        assert_eq!(Shape::Line.accept(&json!("linestring (1 2, 3 4)")), Ok(json!([[1, 2], [3, 4]])));
        let ring = json!([[0, 0], [1, 0], [1, 1], [0, 0]]);
        assert_eq!(Shape::Polygon.accept(&ring), Ok(json!([ring])));
        assert_eq!(Shape::Polygon.accept(&json!("POLYGON((0 0, 1 0, 1 1, 0 0))")), Ok(json!([ring])));
    }

    #[test]
    fn points_in_holes_are_outside() {
        for (spot, is_in) in [([3.0, 3.0], true), ([1.5, 1.5], false), ([4.0, 2.0], false), ([9.0, 9.0], false)] {
            assert_eq!(square().contains(spot), is_in, "{spot:?}");
        }
        assert!(square().intersects(&geometry(json!([4, 2]))));
        assert!(square().intersects(&geometry(json!([[-1, 3], [9, 3]]))));
        assert!(!square().intersects(&geometry(json!([1.5, 1.5]))));
    }

    #[test]
    fn distances_are_in_degrees_or_meters() {
        assert!((square().distance(&geometry(json!([7, 8]))) - 5.0).abs() < 1e-9);
        let (berlin, paris) = (geometry(json!([13.405, 52.52])), geometry(json!([2.3522, 48.8566])));
        let meters = berlin.meters(&paris).expect("meters");
        assert!((876_000.0..880_000.0).contains(&meters), "{meters}");
        assert!(berlin.meters(&square()).is_none());
    }
}
