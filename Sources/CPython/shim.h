// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// What the extension module calls of CPython: a part of its stable ABI, as of 3.11. Written by hand, so that nothing of Python is
// needed to build it. All is weak: the loader finds it in whatever Python has loaded the module, and programs link without one.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct _object PyObject;
typedef ptrdiff_t Py_ssize_t;

#define PY(type) extern __attribute__((weak)) type
#define PY_DATA(type) extern __attribute__((weak, swift_attr("nonisolated(unsafe)"))) type

// References.
PY(void) Py_IncRef(PyObject *object);
PY(void) Py_DecRef(PyObject *object);

// Modules and functions.
typedef PyObject *(*PyCFunction)(PyObject *self, PyObject *argument);

typedef struct {
    const char *name;
    void *function;
    int flags;
    const char *documentation;
} PyMethodDef;

enum { METH_O = 0x0008, METH_NOARGS = 0x0004, METH_FASTCALL = 0x0080, METH_KEYWORDS = 0x0002 };

typedef struct {
    size_t object_head[2];
    PyObject *(*initialize)(void);
    Py_ssize_t index;
    PyObject *copy;
    const char *name;
    const char *documentation;
    Py_ssize_t state_size;
    PyMethodDef *methods;
    void *slots, *traverse, *clear, *free;
} PyModuleDef;

PY(PyObject) *PyModule_Create2(PyModuleDef *definition, int api_version);
PY(int) PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *value);
PY(PyObject) *PyCFunction_NewEx(PyMethodDef *definition, PyObject *self, PyObject *module);
PY(void) *PyCFunction_GetFunction(PyObject *function);
PY(PyObject) *PyImport_ImportModule(const char *name);

// Types. The state of an object of ours lies behind its head, of which the last part is its type.
typedef struct {
    int slot;
    void *function;
} PyType_Slot;

typedef struct {
    const char *name;
    int size, item_size;
    unsigned int flags;
    PyType_Slot *slots;
} PyType_Spec;

typedef struct {
    const char *name;
    void *get, *set;
    const char *documentation;
    void *closure;
} PyGetSetDef;

enum {
    Py_tp_clear = 51,
    Py_tp_dealloc = 52,
    Py_tp_doc = 56,
    Py_tp_iter = 62,
    Py_tp_iternext = 63,
    Py_tp_methods = 64,
    Py_tp_new = 65,
    Py_tp_traverse = 71,
    Py_tp_getset = 73,
    Py_am_await = 77,
    Py_am_send = 81,
    Py_bf_getbuffer = 1,
};

enum {
    TYPE_FLAG_HEAP = 1 << 9,
    TYPE_FLAG_NO_INSTANCES = 1 << 7,
    TYPE_FLAG_IMMUTABLE = 1 << 8,
    TYPE_FLAG_GC = 1 << 14,
    TYPE_FLAG_DEFAULT = 1 << 18,
    TYPE_FLAG_INT = 1 << 24,
    TYPE_FLAG_LIST = 1 << 25,
    TYPE_FLAG_TUPLE = 1 << 26,
    TYPE_FLAG_BYTES = 1 << 27,
    TYPE_FLAG_STR = 1 << 28,
    TYPE_FLAG_DICT = 1 << 29,
    TYPE_FLAG_EXCEPTION = 1 << 30,
};

PY(PyObject) *PyType_FromSpec(PyType_Spec *specification);
PY(PyObject) *PyType_GenericAlloc(PyObject *type, Py_ssize_t items);
PY(unsigned long) PyType_GetFlags(PyObject *type);
PY(void) *PyType_GetSlot(PyObject *type, int slot);
PY(void) PyObject_GC_UnTrack(void *object);
PY(void) PyObject_GC_Del(void *object);
PY_DATA(PyObject) PyBaseObject_Type;

typedef int (*visitproc)(PyObject *object, void *argument);

// Calls.
PY(PyObject) *PyObject_Vectorcall(PyObject *callable, PyObject *const *arguments, size_t count, PyObject *keywords);
PY(PyObject) *PyObject_VectorcallMethod(PyObject *name, PyObject *const *arguments, size_t count, PyObject *keywords);
PY(PyObject) *PyObject_CallNoArgs(PyObject *callable);

typedef enum { PYGEN_RETURN = 0, PYGEN_ERROR = -1, PYGEN_NEXT = 1 } PySendResult;
PY(PySendResult) PyIter_Send(PyObject *iterator, PyObject *value, PyObject **result);
PY(PyObject) *PyObject_GetIter(PyObject *object);
PY(PyObject) *PyIter_Next(PyObject *iterator);
PY(PyObject) *PyObject_SelfIter(PyObject *object);

// Objects of all kinds.
PY(PyObject) *PyObject_GetAttr(PyObject *object, PyObject *name);
PY(PyObject) *PyObject_GetAttrString(PyObject *object, const char *name);
PY(int) PyObject_SetAttr(PyObject *object, PyObject *name, PyObject *value);
PY(int) PyObject_SetAttrString(PyObject *object, const char *name, PyObject *value);
PY(PyObject) *PyObject_Str(PyObject *object);
PY(PyObject) *PyObject_Repr(PyObject *object);
PY(Py_ssize_t) PyObject_Size(PyObject *object);
PY(int) PyObject_IsTrue(PyObject *object);
PY(int) PyObject_AsFileDescriptor(PyObject *object);
PY_DATA(PyObject) _Py_NoneStruct;
PY_DATA(PyObject) _Py_TrueStruct;
PY_DATA(PyObject) _Py_FalseStruct;

// Dictionaries, lists and tuples.
PY(PyObject) *PyDict_New(void);
PY(int) PyDict_Update(PyObject *dictionary, PyObject *mapping);
PY(PyObject) *PyDict_Copy(PyObject *dictionary);
PY(int) PyDict_SetItem(PyObject *dictionary, PyObject *key, PyObject *value);
PY(int) PyDict_SetItemString(PyObject *dictionary, const char *key, PyObject *value);
PY(PyObject) *PyDict_GetItemWithError(PyObject *dictionary, PyObject *key);
PY(PyObject) *PyList_New(Py_ssize_t count);
PY(int) PyList_SetItem(PyObject *list, Py_ssize_t index, PyObject *taken);
PY(PyObject) *PyList_GetItem(PyObject *list, Py_ssize_t index);
PY(Py_ssize_t) PyList_Size(PyObject *list);
PY(PyObject) *PyList_GetSlice(PyObject *list, Py_ssize_t low, Py_ssize_t high);
PY(PyObject) *PyTuple_New(Py_ssize_t count);
PY(int) PyTuple_SetItem(PyObject *tuple, Py_ssize_t index, PyObject *taken);
PY(PyObject) *PyTuple_GetItem(PyObject *tuple, Py_ssize_t index);
PY(Py_ssize_t) PyTuple_Size(PyObject *tuple);
PY(PyObject) *PySequence_Tuple(PyObject *iterable);

// Bytes, text and numbers.
typedef struct {
    void *buffer;
    PyObject *object;
    Py_ssize_t length, item_size;
    int is_read_only, dimensions;
    char *format;
    Py_ssize_t *shape, *strides, *suboffsets;
    void *internal;
} Py_buffer;

PY(int) PyObject_GetBuffer(PyObject *exporter, Py_buffer *view, int flags);
PY(void) PyBuffer_Release(Py_buffer *view);
PY(PyObject) *PyMemoryView_FromMemory(char *memory, Py_ssize_t size, int flags);
PY(PyObject) *PyBytes_FromStringAndSize(const char *bytes, Py_ssize_t count);
PY(char) *PyBytes_AsString(PyObject *bytes);
PY(Py_ssize_t) PyBytes_Size(PyObject *bytes);
PY(PyObject) *PyUnicode_FromStringAndSize(const char *utf8, Py_ssize_t count);
PY(PyObject) *PyUnicode_DecodeLatin1(const char *bytes, Py_ssize_t count, const char *errors);
PY(PyObject) *PyUnicode_InternFromString(const char *utf8);
PY(const char) *PyUnicode_AsUTF8AndSize(PyObject *text, Py_ssize_t *count);
PY(int) PyUnicode_CompareWithASCIIString(PyObject *text, const char *ascii);
PY(PyObject) *PyLong_FromLongLong(long long number);
PY(long long) PyLong_AsLongLong(PyObject *number);
PY(PyObject) *PyFloat_FromDouble(double number);
PY(double) PyFloat_AsDouble(PyObject *number);

// Exceptions.
PY(PyObject) *PyErr_Occurred(void);
PY(void) PyErr_SetString(PyObject *type, const char *message);
PY(void) PyErr_SetObject(PyObject *type, PyObject *value);
PY(void) PyErr_Fetch(PyObject **type, PyObject **value, PyObject **traceback);
PY(void) PyErr_NormalizeException(PyObject **type, PyObject **value, PyObject **traceback);
PY(void) PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback);
PY(int) PyException_SetTraceback(PyObject *exception, PyObject *traceback);
PY(void) PyErr_Clear(void);
PY(int) PyErr_ExceptionMatches(PyObject *type);
PY(int) PyErr_GivenExceptionMatches(PyObject *given, PyObject *type);
PY(void) PyErr_WriteUnraisable(PyObject *context);
PY(PyObject) *PyErr_NewExceptionWithDoc(
    const char *name, const char *documentation, PyObject *base, PyObject *dictionary);
PY_DATA(PyObject) *PyExc_RuntimeError;
PY_DATA(PyObject) *PyExc_TypeError;
PY_DATA(PyObject) *PyExc_ValueError;
PY_DATA(PyObject) *PyExc_KeyError;
PY_DATA(PyObject) *PyExc_OSError;
PY_DATA(PyObject) *PyExc_StopIteration;
PY_DATA(PyObject) *PyExc_MemoryError;

#undef PY
#undef PY_DATA

// Swift takes the address of a variable for a call only.
static inline PyObject *alicorn_none(void) { return &_Py_NoneStruct; }
static inline PyObject *alicorn_true(void) { return &_Py_TrueStruct; }
static inline PyObject *alicorn_false(void) { return &_Py_FalseStruct; }
static inline PyObject *alicorn_base_type(void) { return &PyBaseObject_Type; }
