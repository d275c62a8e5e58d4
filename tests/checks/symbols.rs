// SPDX-License-Identifier: MIT
// Generics, traits, closures and the standard library's inlined parts. For symbols.sh.
use std::collections::HashMap;
use std::fmt::Display;

mod shapes {
    pub trait Area {
        fn area(&self) -> f64;
    }
    pub struct Square(pub f64);
    impl Area for Square {
        fn area(&self) -> f64 {
            self.0 * self.0
        }
    }
}
use shapes::Area;

#[inline(never)]
fn show<T: Display>(value: T) -> String {
    format!("<{}>", value)
}

fn main() {
    let mut groups: HashMap<String, Vec<u32>> = HashMap::new();
    for i in 0..1000u32 {
        groups.entry(show(i % 13)).or_default().push(i);
    }
    let mut sums: Vec<_> = groups.iter().map(|(k, v)| (k.clone(), v.iter().sum::<u32>())).collect();
    sums.sort();
    let all: Vec<Box<dyn Area>> = (0..10).map(|i| Box::new(shapes::Square(i as f64)) as Box<dyn Area>).collect();
    println!("{:?} {}", sums, all.iter().map(|a| a.area()).fold(0.0, f64::max));
}
