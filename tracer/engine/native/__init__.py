"""The native tier: code objects that CPython itself runs, with their calls diverted.

`call_layout` finds what each call has on the stack, `assembly` writes code objects anew, `rebuild`
puts what asks before each call, `sites` is what it asks, and `loop_entry` lets an interpreted frame
go on in rebuilt code, from a loop's head. The way goes one way only: a rebuilt frame is a real one,
which can do all that the language can.
"""
