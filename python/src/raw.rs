//! The few functions of the interpreter that `PyO3` does not wrap.

use crate::future::Future;
use pyo3::{
    exceptions::PyTypeError,
    ffi,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyTuple, PyType},
};
use std::ptr;

/// `raise exception`, as a statement would: the exception being handled becomes its context.
/// `exception` is what a task raised or what a user set, which may be anything.
pub(crate) fn raise(exception: &Bound<'_, PyAny>) -> PyErr {
    let py = exception.py();
    // SAFETY: attached; the object is alive.
    let is_instance = unsafe { ffi::PyExceptionInstance_Check(exception.as_ptr()) } != 0;
    if is_instance {
        let class = exception.get_type();
        // SAFETY: attached; the class is that of the instance.
        unsafe { ffi::PyErr_SetObject(class.as_ptr(), exception.as_ptr()) };
        return PyErr::fetch(py);
    }
    // SAFETY: attached; the object is alive.
    let is_class = unsafe { ffi::PyExceptionClass_Check(exception.as_ptr()) } != 0;
    if !is_class {
        return PyTypeError::new_err("exceptions must derive from BaseException");
    }
    match exception.call0() {
        Ok(instance) => raise(&instance),
        Err(error) => error,
    }
}

/// Runs `f`, which may run Python code, where an exception may be on its way: objects go while a frame is
/// left by one.
pub(crate) fn aside_of_exceptions<R>(py: Python<'_>, f: impl FnOnce(Python<'_>) -> R) -> R {
    let (mut class, mut value, mut traceback) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // The newer functions are not in 3.11.
    #[allow(deprecated)]
    // SAFETY: attached. Takes what is on its way, or nulls, with the references.
    unsafe {
        ffi::PyErr_Fetch(&raw mut class, &raw mut value, &raw mut traceback);
    }
    let result = f(py);
    #[allow(deprecated)]
    // SAFETY: attached. Gives back what was taken, with the references.
    unsafe {
        ffi::PyErr_Restore(class, value, traceback);
    }
    result
}

struct FutureClass {
    class: Py<PyType>,
    new: ffi::newfunc,
}

static FUTURE_CLASS: PyOnceLock<FutureClass> = PyOnceLock::new();

/// Says which subclass of [`Future`] executors give out.
pub(crate) fn set_future_class(class: &Bound<'_, PyType>) -> PyResult<()> {
    let py = class.py();
    if !class.is_subclass_of::<Future>()? {
        return Err(PyTypeError::new_err("not a subclass of the native Future"));
    }
    let native = py.get_type::<Future>();
    // SAFETY: the slot of a type that has one, and that slot holds a `newfunc`.
    let new = unsafe {
        let slot = ffi::PyType_GetSlot(native.as_type_ptr(), ffi::Py_tp_new);
        assert!(!slot.is_null(), "the native Future can be made");
        std::mem::transmute::<*mut std::ffi::c_void, ffi::newfunc>(slot)
    };
    FUTURE_CLASS.get_or_init(py, || FutureClass {
        class: class.clone().unbind(),
        new,
    });
    Ok(())
}

/// A pending future of the class that executors give out, made without calling Python code.
///
/// The collector does not see it before [`show_to_collector`]: the queue holds it until then, so
/// there is nothing to collect, and going through all that is queued again and again costs more
/// than queuing it.
#[inline]
pub(crate) fn new_future(py: Python<'_>) -> PyResult<Bound<'_, Future>> {
    let FutureClass { class, new } = FUTURE_CLASS
        .get(py)
        .ok_or_else(|| PyTypeError::new_err("the package is not initialised"))?;
    let nothing = PyTuple::empty(py);
    // SAFETY: attached; `new` is the constructor of a base of `class`, and the empty tuple and no
    // keywords are proper arguments. It gives a new reference or null with an error set.
    unsafe {
        let object = new(class.as_ptr().cast(), nothing.as_ptr(), ptr::null_mut());
        let object = Bound::from_owned_ptr_or_err(py, object)?;
        ffi::PyObject_GC_UnTrack(object.as_ptr().cast());
        Ok(object.cast_into_unchecked())
    }
}

/// A future that leaves the queue may be part of a cycle that nobody else holds.
#[inline]
pub(crate) fn show_to_collector(future: &Bound<'_, Future>) {
    let object = future.as_ptr();
    // SAFETY: attached; the object is of a type that the collector knows and all its fields are in
    // place. Only who took the future out of the queue calls this, so it is not tracked meanwhile.
    unsafe {
        if ffi::PyObject_GC_IsTracked(object) == 0 {
            ffi::PyObject_GC_Track(object.cast());
        }
    }
}

/// The dictionary of an object that has one, without a look at its class.
pub(crate) fn fields<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = object.py();
    // SAFETY: attached; the object is alive. It gives a new reference or null with an error set.
    let fields = unsafe {
        let fields = ffi::PyObject_GenericGetDict(object.as_ptr(), ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, fields)?
    };
    Ok(fields.cast_into()?)
}

/// The future that a worker noted down, in the child of a fork, where that worker is no more.
pub(crate) fn running_future(
    py: Python<'_>,
    noted: *mut ffi::PyObject,
) -> Option<Bound<'_, Future>> {
    // SAFETY: the worker owned a reference when it noted the pointer down, and took the note back
    // before it let the reference go. It was stopped by the fork in between, so it still owns it.
    let object = unsafe { Bound::from_borrowed_ptr_or_opt(py, noted) }?;
    object.cast_into().ok()
}

/// The object as a future, if it is of the very class that executors give out, whose methods nobody
/// has overridden.
pub(crate) fn as_plain_future<'a, 'py>(
    object: &'a Bound<'py, PyAny>,
) -> Option<&'a Bound<'py, Future>> {
    let class = &FUTURE_CLASS.get(object.py())?.class;
    if object.get_type().is(class) {
        object.cast().ok()
    } else {
        None
    }
}
