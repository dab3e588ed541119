//! Models of the lock-free pieces for loom.
