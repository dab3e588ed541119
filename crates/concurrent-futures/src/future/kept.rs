use std::sync::OnceLock;

/// Values that stay where they are as long as this lives, so that they can be lent.
pub(super) struct Kept<V>(OnceLock<Box<Link<V>>>);

struct Link<V> {
    value: V,
    next: Kept<V>,
}

impl<V> Kept<V> {
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(super) fn keep(&self, value: V) -> &V {
        let mut link = Box::new(Link {
            value,
            next: Self::new(),
        });
        let mut place = &self.0;
        while let Err(refused) = place.set(link) {
            link = refused;
            place = &place
                .get()
                .expect("it was refused for what is there")
                .next
                .0;
        }
        &place.get().expect("it was just set").value
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Kept;

    #[test]
    fn what_is_kept_stays_when_more_comes() {
        let kept = Kept::new();
        let first = kept.keep(String::from("first"));
        let second = kept.keep(String::from("second"));
        assert_eq!((&**first, &**second), ("first", "second"));
    }
}
