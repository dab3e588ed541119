//! Where on its stack a thread is.

/// About where the stack of the calling thread ends now. Stacks grow downwards wherever threads exist.
#[inline(never)]
pub(super) fn here() -> usize {
    stack_pointer()
}

/// The register itself, because `AddressSanitizer` keeps locals in places of its own.
#[cfg(all(target_arch = "x86_64", not(miri)))]
fn stack_pointer() -> usize {
    let pointer: usize;
    // SAFETY: copies a register, and touches nothing else.
    unsafe {
        std::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}

#[cfg(all(target_arch = "aarch64", not(miri)))]
fn stack_pointer() -> usize {
    let pointer: usize;
    // SAFETY: copies a register, and touches nothing else.
    unsafe {
        std::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}

#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn stack_pointer() -> usize {
    let local = 0_u8;
    std::hint::black_box(&raw const local).addr()
}
