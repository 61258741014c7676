"""The tables of a ledger, and the steps by which an older file becomes one of today (see `docs/ledger.md`).

`PRAGMA application_id` tells a ledger from other databases, `PRAGMA user_version` is the number of steps it has taken.
A step that was ever released does not change: what is to be otherwise is a step of its own, at the end.
"""

from __future__ import annotations

APPLICATION_ID = 0x534C4143
"""`SLAC`, in ASCII."""

_CREATED = """
CREATE TABLE claims (
  number   INTEGER PRIMARY KEY,
  contract TEXT NOT NULL,
  account  TEXT NOT NULL,
  cycle    TEXT NOT NULL,
  currency TEXT NOT NULL,
  UNIQUE (contract, account, cycle)
);
CREATE TABLE findings (
  number    INTEGER PRIMARY KEY,
  claim     INTEGER NOT NULL REFERENCES claims (number),
  as_of     TEXT NOT NULL,
  reading   TEXT NOT NULL,
  decision  TEXT NOT NULL CHECK (decision IN ('owed', 'not_owed', 'undetermined')),
  reason    TEXT NOT NULL,
  amount    TEXT CHECK ((amount IS NULL) = (decision = 'undetermined')),
  first_day TEXT NOT NULL,
  last_day  TEXT NOT NULL,
  opens_on  TEXT NOT NULL,
  closes_on TEXT NOT NULL,
  calendar  TEXT NOT NULL
);
CREATE INDEX findings_of_claim ON findings (claim);
CREATE TABLE entries (
  number       INTEGER PRIMARY KEY,
  claim        INTEGER NOT NULL REFERENCES claims (number),
  kind         TEXT NOT NULL CHECK (kind IN ('filed', 'answered', 'credited', 'withdrawn', 'struck')),
  day          TEXT NOT NULL,
  noted_on     TEXT NOT NULL,
  amount       TEXT CHECK ((amount IS NOT NULL) = (kind IN ('filed', 'answered', 'credited'))),
  reference    TEXT,
  note         TEXT,
  said_by      TEXT,
  nevertheless TEXT CHECK (nevertheless IN ('early', 'late', 'more')),
  strikes      INTEGER UNIQUE REFERENCES entries (number) CHECK ((strikes IS NOT NULL) = (kind = 'struck'))
);
CREATE INDEX entries_of_claim ON entries (claim);
CREATE TRIGGER claims_stay BEFORE UPDATE ON claims BEGIN SELECT RAISE (ABORT, 'claims are only added'); END;
CREATE TRIGGER claims_remain BEFORE DELETE ON claims BEGIN SELECT RAISE (ABORT, 'claims are only added'); END;
CREATE TRIGGER findings_stay BEFORE UPDATE ON findings BEGIN SELECT RAISE (ABORT, 'findings are only added'); END;
CREATE TRIGGER findings_remain BEFORE DELETE ON findings BEGIN SELECT RAISE (ABORT, 'findings are only added'); END;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE (ABORT, 'entries are only added'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE (ABORT, 'entries are only added'); END;
"""

_PACKS = """
CREATE TABLE packs (
  number   INTEGER PRIMARY KEY,
  claim    INTEGER NOT NULL REFERENCES claims (number),
  as_of    TEXT NOT NULL,
  letter   TEXT NOT NULL,
  edition  INTEGER NOT NULL,
  amount   TEXT NOT NULL,
  manifest TEXT NOT NULL CHECK (length(manifest) = 64),
  UNIQUE (claim, manifest)
);
CREATE TRIGGER packs_stay BEFORE UPDATE ON packs BEGIN SELECT RAISE (ABORT, 'packs are only added'); END;
CREATE TRIGGER packs_remain BEFORE DELETE ON packs BEGIN SELECT RAISE (ABORT, 'packs are only added'); END;
"""

STEPS: tuple[str, ...] = (_CREATED, _PACKS)
"""What is done to a file, one after the other, from an empty one on."""
