"""Dates of the vectors: the day of a date or a date-time, days added, formats, and what a date-time is (RFC 3339)."""

import datetime
import re

from .json_text import canonical

DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
TIME = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|([+-])(\d{2}):(\d{2}))", re.ASCII)
TOKEN = re.compile(r"\[([^\]]*)\]|YYYY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|mm|ss|[A-Za-z]+|[^A-Za-z\[]+")


class DateError(Exception):
    pass


def day_of(text):
    found = DAY.fullmatch(text)
    try:
        # Python has no year 0; no vector needs one that holds.
        return datetime.date(*map(int, found.groups()))
    except (AttributeError, ValueError):
        raise DateError from None


def moment(text):
    """The day, and hours, minutes and seconds, of a date-time; None if it is none."""
    found = TIME.fullmatch(text)
    if found is None:
        return None
    try:
        day = day_of(found[1])
    except DateError:
        return None
    hour, minute, second = int(found[2]), int(found[3]), int(found[4])
    off_hour, off_minute = int(found[6] or 0), int(found[7] or 0)
    if hour > 23 or minute > 59 or second > 60 or off_hour > 23 or off_minute > 59:
        return None
    if second == 60:
        # A leap second is the last of a day in UTC.
        offset = (off_hour * 60 + off_minute) * (-1 if found[5] == "-" else 1)
        if (hour * 60 + minute - offset) % 1440 != 1439:
            return None
    return day, hour, minute, second


def format_of(pattern, text):
    is_day = DAY.fullmatch(text) is not None
    read = (day_of(text), 0, 0, 0) if is_day else moment(text)
    if read is None:
        raise DateError
    day, hour, minute, second = read
    tokens = {
        "YYYY": f"{day.year:04}", "MMMM": day.strftime("%B"), "MMM": day.strftime("%b"), "MM": f"{day.month:02}",
        "M": str(day.month), "DD": f"{day.day:02}", "D": str(day.day), "dddd": day.strftime("%A"),
        "ddd": day.strftime("%a"), "HH": f"{hour:02}", "mm": f"{minute:02}", "ss": f"{second:02}",
    }  # fmt: skip
    out = []
    for token in TOKEN.finditer(pattern):
        if token[1] is not None:
            out.append(token[1])
        elif not token[0][0].isalpha():
            out.append(token[0])
        elif token[0] in tokens:
            out.append(tokens[token[0]])
        else:
            raise DateError
    return "".join(out)


def run(source, text):
    try:
        if source == "is-time":
            return {"ok": canonical(moment(text) is not None)}
        if source == "part":
            read = moment(text)
            return {"ok": canonical((read[0] if read else day_of(text)).isoformat())}
        if source.startswith("add "):
            days = float(source[4:])
            if days != int(days):
                raise DateError
            return {"ok": canonical((day_of(text) + datetime.timedelta(days=int(days))).isoformat())}
        return {"ok": canonical(format_of(source, text))}
    except (DateError, OverflowError):
        return {"error": "LANG_DATE"}
