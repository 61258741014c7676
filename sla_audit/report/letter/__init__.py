"""The letter of a claim: what it says, in two languages, and how it is written as Markdown, `.docx` and PDF."""
