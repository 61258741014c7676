"""Signatures of SSH keys, as `ssh-keygen -Y` makes and checks them."""

from __future__ import annotations

import base64
import binascii
import subprocess
from pathlib import Path
from shutil import which

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Message, Sentence, in_series, said_by, to_say
from sla_audit.system.temporary import numbered_files

NAMESPACE = "sla-audit"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE = 70
_SECONDS = 120
_INSTALL = to_say("Install OpenSSH 8.2 or newer, which has ssh-keygen -Y.")


def sign(content: bytes, key: Path) -> bytes:
    """Sign with an SSH key; a passphrase is asked for by ssh-keygen. Raises `InputError` where it does not."""
    with numbered_files() as files:
        file = files.next()
        file.write_bytes(content)
        done = _run("sign", "-n", NAMESPACE, "-f", str(key), str(file), where=f"--sign {key.as_posix()}", stdin=None)
        made = file.with_name(f"{file.name}.sig")
        if done.returncode or not made.exists():
            what = Sentence("ssh-keygen does not sign with it: {said}", said=_said(done))
            raise InputError(
                Problem(f"--sign {key.as_posix()}", what, "Name a private SSH key, or its public half with an agent.")
            )
        signature = made.read_bytes()
    return _armoured(signature) or signature


def fault_of(content: bytes, signature: bytes, signers: Path | None, identity: str | None) -> Message | None:
    """Say what is wrong with a signature; None: it is sound, and of one of the `signers`, where these are given.

    Raises `InputError` where there is no ssh-keygen, or the file of signers cannot be read.
    """
    if _armoured(signature) != signature:
        return to_say("is not written as ssh-keygen writes a signature")
    with numbered_files() as files:
        file = files.next()
        file.write_bytes(signature)
        if signers is None:
            done = _run("check-novalidate", "-n", NAMESPACE, "-s", str(file), stdin=content)
            return _said(done) if done.returncode else None
        if not signers.is_file():
            raise InputError(
                Problem(f"--signers {signers.as_posix()}", "is no file", "Name a file of allowed signers.")
            )
        asked = [identity] if identity is not None else _principals(file, signers)
        if not asked:
            return Sentence("is of nobody whom {signers} names", signers=signers.as_posix())
        faults: list[Sentence] = []
        for name in asked:
            done = _run("verify", "-n", NAMESPACE, "-f", str(signers), "-I", name, "-s", str(file), stdin=content)
            if not done.returncode:
                return None
            faults.append(Sentence("is not of {name}: {said}", name=name, said=_said(done)))
    return in_series(faults, to_say("{listed}; {value}"))


def _principals(signature: Path, signers: Path) -> list[str]:
    done = _run("find-principals", "-f", str(signers), "-s", str(signature), stdin=b"")
    return done.stdout.decode("utf-8", "replace").split("\n")[:-1] if not done.returncode else []


def _run(
    command: str, *arguments: str, where: str = "ssh-keygen", stdin: bytes | None
) -> subprocess.CompletedProcess[bytes]:
    program = which("ssh-keygen")
    if program is None:
        raise InputError(Problem(where, "ssh-keygen is not there, which makes and checks signatures", _INSTALL))
    try:
        return subprocess.run(  # noqa: S603 - paths and a name, which no shell reads
            [program, "-Y", command, *arguments],
            check=False,
            timeout=_SECONDS,
            capture_output=True,
            input=stdin,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise InputError(
            Problem(where, Sentence("ssh-keygen does not work: {why}", why=said_by(error)), _INSTALL)
        ) from error


def _said(done: subprocess.CompletedProcess[bytes]) -> Message:
    text = (done.stderr or done.stdout).decode("utf-8", "replace")
    return " ".join(text.split())[:300] or Sentence("exit code {code}", code=done.returncode)


def _armoured(signature: bytes) -> bytes | None:
    """Write a signature in the one form that ssh-keygen gives it; None: it is none."""
    try:
        lines = signature.decode("ascii").split("\n")
        if lines[0] != _BEGIN or lines[-2:] != [_END, ""]:
            return None
        text = base64.b64encode(base64.b64decode("".join(lines[1:-2]), validate=True)).decode("ascii")
    except (UnicodeError, binascii.Error, IndexError):
        return None
    body = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return "\n".join([_BEGIN, *body, _END, ""]).encode()
