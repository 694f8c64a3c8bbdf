"""The part of the standard library that is in memory before any instance is forked.

It makes instances small and quick to start. And where the interpreter lies in a folder that only its owner may enter,
it is all that a service can import once it runs as an unprivileged user.
"""

from __future__ import annotations

import gc
import importlib

NAMES = """
abc argparse array ast asyncio atexit base64 binascii bisect bz2 calendar cmath codecs collections collections.abc
colorsys concurrent.futures concurrent.futures.thread configparser contextlib contextvars copy csv ctypes dataclasses
datetime decimal difflib dis email email.message email.mime.multipart email.mime.text email.parser email.policy
email.utils encodings.ascii encodings.hex_codec encodings.idna encodings.latin_1 encodings.punycode encodings.utf_8
encodings.utf_8_sig enum errno faulthandler fcntl filecmp fileinput fnmatch fractions functools gc getopt glob gzip
hashlib heapq hmac html html.parser http http.client http.cookiejar http.cookies http.server importlib
importlib.metadata importlib.resources importlib.util inspect io ipaddress itertools json json.tool keyword linecache
locale logging logging.config logging.handlers lzma marshal math mimetypes mmap multiprocessing numbers opcode
operator os pathlib pickle pkgutil platform posixpath pprint pwd queue quopri random re reprlib resource runpy sched
secrets select selectors shelve shlex shutil signal smtplib socket socketserver sqlite3 ssl stat statistics string
stringprep struct subprocess sys sysconfig syslog tarfile tempfile textwrap threading time timeit token tokenize
traceback tracemalloc types typing unicodedata urllib.error urllib.parse urllib.request urllib.response
urllib.robotparser uuid warnings wave weakref wsgiref.handlers wsgiref.headers wsgiref.simple_server wsgiref.util
xml.dom.minidom xml.etree.ElementTree xml.sax xml.sax.saxutils zipapp zipfile zipimport zlib zoneinfo _strptime
"""


def preload() -> list[str]:
    """Imports what there is of NAMES; answers those that this interpreter was built without."""
    missing = []
    for name in NAMES.split():
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    gc.collect()
    gc.freeze()  # the collector leaves these pages alone, so that all instances go on sharing them
    return missing
