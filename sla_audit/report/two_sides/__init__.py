"""Two sides compared, for machines and for people: a document, a page, and the requests one by one."""
