"""JSON written and read by pure Python: strings, recursion, dicts, and exceptions as a check."""

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
UNESCAPED = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
CONSTANTS = {"null": None, "true": True, "false": False}


def write_string(text):
    parts = ['"']
    for character in text:
        parts.append(ESCAPES.get(character, character))
    parts.append('"')
    return "".join(parts)


def write(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return write_string(value)
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        parts = []
        for item in value:
            parts.append(write(item))
        return "[" + ", ".join(parts) + "]"
    if isinstance(value, dict):
        parts = []
        for key, item in value.items():
            parts.append(write_string(key) + ": " + write(item))
        return "{" + ", ".join(parts) + "}"
    raise TypeError(f"cannot write {value!r}")


class Reader:
    def __init__(self, text):
        self.text = text
        self.place = 0

    def fail(self, expected):
        raise ValueError(f"expected {expected} at {self.place}")

    def skip(self):
        text = self.text
        while self.place < len(text) and text[self.place] in " \n\t":
            self.place += 1

    def expect(self, character):
        self.skip()
        if self.text[self.place] != character:
            self.fail(character)
        self.place += 1

    def read(self):
        self.skip()
        character = self.text[self.place]
        if character == "{":
            return self.read_object()
        if character == "[":
            return self.read_array()
        if character == '"':
            return self.read_string()
        if character in "-0123456789":
            return self.read_number()
        return self.read_constant()

    def read_object(self):
        self.expect("{")
        result = {}
        self.skip()
        while self.text[self.place] != "}":
            if result:
                self.expect(",")
            self.skip()
            key = self.read_string()
            self.expect(":")
            result[key] = self.read()
            self.skip()
        self.place += 1
        return result

    def read_array(self):
        self.expect("[")
        result = []
        self.skip()
        while self.text[self.place] != "]":
            if result:
                self.expect(",")
            result.append(self.read())
            self.skip()
        self.place += 1
        return result

    def read_string(self):
        self.expect('"')
        parts = []
        character = self.text[self.place]
        while character != '"':
            if character == "\\":
                self.place += 1
                character = UNESCAPED[self.text[self.place]]
            parts.append(character)
            self.place += 1
            character = self.text[self.place]
        self.place += 1
        return "".join(parts)

    def read_number(self):
        start = self.place
        text = self.text
        while self.place < len(text) and text[self.place] in "+-.0123456789e":
            self.place += 1
        token = text[start : self.place]
        if "." in token or "e" in token:
            return float(token)
        return int(token)

    def read_constant(self):
        for name, value in CONSTANTS.items():
            if self.text.startswith(name, self.place):
                self.place += len(name)
                return value
        return self.fail("a value")


def make_document(size):
    rows = []
    for index in range(size):
        row = {
            "name": 'row "' + str(index) + '"\t\\',
            "index": index,
            "ratio": index / 8,
            "tags": ["a", "b\n", None, True, False],
            "nested": {"left": [-index, [index, []]], "right": {}},
        }
        rows.append(row)
    return {"rows": rows, "count": size}


def main(size):
    document = make_document(size)
    text = write(document)
    again = Reader(text).read()
    if again != document:
        raise AssertionError("the document was read otherwise")
    return len(text), write(again) == text
