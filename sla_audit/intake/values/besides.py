"""What a log says of a request besides what is counted, by which two requests with one id are told apart.

The list is of names, so that what shippers and databases add to a row, which is another each time it is sent, tells
nothing apart. Names are compared without case and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.intake.values.dictionary import as_dictionary
from sla_audit.intake.values.spellings import NOTHING
from sla_audit.intake.values.text import is_sound

_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        api args csuriquery csuristem httppath originalpath path query querystring request requestline requestpath
        requesturi requesturl uri url
        clientrequestmethod csmethod httpmethod method requestmethod
        apisixlatency backendresponsetime backendtime cachetime clienttime downstreamduration duration durationms
        elapsed kong latency latencyms originduration overhead proxy requestduration requestprocessingtime requesttime
        responseduration responseprocessingtime responsetime roundtriptime targetprocessingtime timetaken timetotal
        totaltime upstreamconnecttime upstreamheadertime upstreamlatency upstreamresponsetime upstreamservicetime
        attempts backend backendid backendresponsecode backendstatus backendurl downstreamstatus integrationstatus
        originstatus originstatuscode retries retryattempts serviceaddr serviceurl targetip targetstatuscode tries upsst
        upstream upstreamaddr upstreamcluster upstreamhost upstreamstatus upstreamuri
        errorcode errorinfo errormessage errorreason lasterrorreason responsecodedetails responseflags terminationstate
        xedgedetailedresulttype xedgeresponseresulttype xedgeresulttype
        bodybytessent bytes bytesread bytesreceived bytessent contentlength csbytes downstreamcontentsize receivedbytes
        requestlength requestsize responselength responsesize scbytes sentbytes size
        callerip calleripaddress cip client clientaddr clientaddress clientip clientport connection connectionid
        connectionrequests cport csuseragent httpreferer httpuseragent httpxforwardedfor referer remoteaddr remoteport
        useragent xforwardedfor
        region scheme servername serverprotocol
        """,
    )
)
_OBJECTS = {"client", "http", "httprequest", "latencies", "req", "request", "res", "response", "upstream", "url"}
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_SEED = 20_261_002

Numbers = npt.NDArray[np.uint64]


def besides_in(available: Iterable[str], mapped: Iterable[str]) -> tuple[str, ...]:
    """Name the columns of a log that tell requests apart, in an order of their own: those listed, and some `mapped`."""
    return tuple(sorted({*(name for name in available if _is_listed(name)), *mapped}))


def said_besides(columns: Sequence[pa.Array], rows: int) -> Numbers:
    """Give a number for what each row says in all of these columns: the same for the same, whatever the format."""
    said = np.zeros(rows, np.uint64)
    for column in columns:
        said = said * _ODD + _numbers(column)
    return said


def logged(names: Sequence[str]) -> int:
    """Give a number for which columns a log has: what logs with other columns say is not compared."""
    return int(pl.Series(["\n".join(names)]).hash(_SEED)[0])


def _is_listed(name: str) -> bool:
    *within, last = (_squeezed(part) for part in name.split("."))
    return _squeezed(name) in _NAMES or (last in _NAMES and _OBJECTS.issuperset(within))


def _squeezed(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _texts(values: pa.Array) -> pa.Array:
    """Give values of any type as text; bytes that are no UTF-8, as Python shows them."""
    if pa.types.is_string(values.type) and not is_sound(values):
        values = values.view(pa.binary())
    if pa.types.is_fixed_size_binary(values.type):
        values = values.cast(pa.binary())
    if pa.types.is_binary(values.type) and not is_sound(values.view(pa.string())):
        shown = [None if each is None else each.decode("utf-8", "backslashreplace") for each in values.to_pylist()]
        return pa.array(shown, pa.large_string())
    return values.cast(pa.large_string())


def _numbers(column: pa.Array) -> Numbers:
    """Give a number for each value, settled once per distinct one; numbers are the same however they are spelt."""
    kind = column.type
    if pa.types.is_nested(kind):
        column = pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    encoded = as_dictionary(column)
    texts = pl.Series("said", _texts(encoded.dictionary), pl.String).str.strip_chars()
    said = pl.col("said")
    nothing = said.str.to_lowercase().is_in(sorted(NOTHING))
    plain = said.str.replace(r"^(-?\d+\.\d*?)0+$", "$1").str.replace(r"^(-?\d+)\.$", "$1")
    spelt = texts.to_frame().select(pl.when(nothing).then(None).otherwise(plain)).to_series()
    table = np.append(spelt.hash(_SEED).to_numpy(), pl.Series([None], dtype=pl.String).hash(_SEED).to_numpy())
    found: Numbers = table[pc.fill_null(encoded.indices, len(spelt)).to_numpy(zero_copy_only=False)]
    return found
