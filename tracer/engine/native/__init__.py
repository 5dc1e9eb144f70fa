"""The compiled tier: what is run often is rebuilt, for CPython itself to run.

The interpreter's frame stays the truth. Native code made here takes the locals, cells and value
stack from it at the head of a loop, runs on as long as it meets nothing that is the interpreter's
business, and puts them back: so every instruction it does not know is simply left to the
interpreter, and an error goes on there as if the interpreter had met it.

``reading`` finds out what is known about a code object, ``rewriting`` makes the native code,
``diverting`` is the door from it to the interceptor, ``replacing`` moves a running frame over and
back, and ``tier`` decides when.
"""

from __future__ import annotations
