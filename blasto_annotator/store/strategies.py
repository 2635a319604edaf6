"""Queues other than in time order: which frames a grader should see next, a few at a time."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from blasto_annotator.domain.adjudication import abstains
from blasto_annotator.domain.errors import UserError
from blasto_annotator.domain.grades import Grade
from blasto_annotator.domain.queues import QueueChoice
from blasto_annotator.domain.schemes import Scheme
from blasto_annotator.store.database import Database
from blasto_annotator.store.labels import current_hashes, current_ids
from blasto_annotator.store.models import EmbryoRecord, FrameRecord, LabelRecord
from blasto_annotator.store.queue import first_unlabelled, in_queue, next_unlabelled, unfinished
from blasto_annotator.store.searching import Searching, fitting
from blasto_annotator.store.stepping import Way

AT_ONCE = 24
"""So many frames are planned ahead; then the labels given meanwhile are looked at again."""
RANKING = Path("cache", "queue", "ranking.json")
"""Below the project: what `queue rank` wrote, frame -> [uncertainty, likely group]."""
_LETTERS = re.compile(r"(?:ICM\W*)?\b\d?([A-D])[-+]?\W*(?:TE\W*)?([A-D])[-+]?\b", re.IGNORECASE)
_LOOKED_AT = 400
"""Embryos that a balanced queue weighs at once."""


@dataclass(frozen=True)
class _Own:
    """A label of the grader's."""

    embryo_id: int
    moment: str
    group: str


class Queues:
    """Plans a few frames ahead; reads only."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def upcoming(
        self,
        choice: QueueChoice,
        grader: str,
        scheme: Scheme,
        after: int | None = None,
        limit: int = AT_ONCE,
        search: str = "",
    ) -> list[int]:
        """Numbers of the next frames, the next one first; none of a moment that the grader has labelled.

        `search` is a typed filter: only frames that fit.

        Raises:
            UserError: `uncertain` without a ranking, or a filter that cannot be read; the sentence says
                what to do.
        """
        if choice.name == "time" and search:
            return self._in_time_order(grader, scheme, after, limit, search)
        ranking = self.ranking() if choice.name in ("uncertain", "balance") else {}
        with self._db.reading() as session:
            if choice.name == "time":
                frames = _in_time_order(session, grader, after)
            elif choice.name == "one":
                frames = _one_each(session, choice, grader, after)
            elif choice.name == "disagreement":
                frames = iter(_disputed(session, grader, scheme))
            elif choice.name == "uncertain":
                frames = iter(_ranked(session, grader, ranking))
            else:
                frames = iter(_balanced(session, choice, grader, scheme, ranking))
            if search:
                frames = fitting(session, frames, search, grader, scheme)
            return list(islice((frame for frame in frames if frame != after), limit))

    def _in_time_order(
        self, grader: str, scheme: Scheme, after: int | None, limit: int, search: str
    ) -> list[int]:
        """Moments without a label and with a frame that fits, from `after` on, then from the start."""
        searching, found = Searching(self._db), list[int]()
        with self._db.reading() as session:
            own = set(session.scalars(select(EmbryoRecord.id).where(in_queue(grader))))
        embryos = [row.id for row in searching.embryos(search, grader, scheme) if row.id in own]
        while len(found) < limit:
            way = Way(embryos, found[-1] if found else after, around=True)
            frame = searching.following(way, f"is:unlabelled {search}", grader, scheme)
            if frame is None or frame in found:
                break
            found.append(frame)
        return found

    def ranking(self) -> dict[int, tuple[float, str]]:
        """Frame -> (uncertainty, likely group), as the newest ranking said; empty where there is none."""
        try:
            told = json.loads((self._db.folder / RANKING).read_text(encoding="utf-8"))
            return {int(key): (float(score), str(group)) for key, (score, group) in told["frames"].items()}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


def _in_time_order(session: Session, grader: str, after: int | None) -> Iterator[int]:
    """Moments without a label, one after the other from `after` on, then from the start; each once."""
    seen: set[int] = set()
    found = next_unlabelled(session, grader, after)
    while found is not None and found not in seen:
        yield found
        seen.add(found)
        found = next_unlabelled(session, grader, found)


def _one_each(session: Session, choice: QueueChoice, grader: str, after: int | None) -> Iterator[int]:
    """The frame nearest the window's middle, of embryos without a label in the window."""
    here = None if after is None else session.get(FrameRecord, after)
    within = FrameRecord.hpi.between(choice.low, choice.high)
    labelled = FrameRecord.sha256.in_(current_hashes(grader))
    done = set(session.scalars(select(FrameRecord.embryo_id).where(within, labelled).distinct()))
    for embryo_id in unfinished(session, grader, None if here is None else here.embryo_id):
        found = None if embryo_id in done else _in_window(session, choice, embryo_id)
        if found is not None:
            yield found


def _in_window(session: Session, choice: QueueChoice, embryo_id: int) -> int | None:
    middle = (choice.low + choice.high) / 2
    query = select(FrameRecord.id).where(
        FrameRecord.embryo_id == embryo_id, FrameRecord.hpi.between(choice.low, choice.high)
    )
    plane = func.abs(func.coalesce(FrameRecord.plane, 0))
    return session.scalars(query.order_by(func.abs(FrameRecord.hpi - middle), plane, FrameRecord.id)).first()


def _disputed(session: Session, grader: str, scheme: Scheme) -> list[int]:
    """Frames that others put into different groups, the most divided first."""
    columns = (LabelRecord.sha256, LabelRecord.expansion, LabelRecord.icm, LabelRecord.te)
    others = LabelRecord.id.in_(current_ids(LabelRecord.grader != grader))
    told = select(*columns).where(others, LabelRecord.withdrawn.is_(False))
    said: dict[str, list[str]] = defaultdict(list)
    for sha256, expansion, icm, te in session.execute(told.where(~LabelRecord.why.startswith("inherited"))):
        if expansion is None or not abstains(Grade(expansion, icm, te), scheme):
            said[sha256].append(_group(scheme, expansion, icm, te))
    own = set(session.scalars(current_hashes(grader)))
    divided = {
        sha256: (len(set(groups)), len(groups))
        for sha256, groups in said.items()
        if len(set(groups)) > 1 and sha256 not in own
    }
    frames = _frames_of(session, divided, grader)
    return sorted(frames, key=lambda frame: (*(-n for n in divided[frames[frame]]), frame))


def _frames_of(session: Session, hashes: Iterable[str], grader: str) -> dict[int, str]:
    """Frame -> its content, one frame a content, of the grader's own queue."""
    found: dict[str, int] = {}
    wanted = sorted(hashes)
    for start in range(0, len(wanted), 5000):
        query = select(FrameRecord.id, FrameRecord.sha256).join(EmbryoRecord)
        query = query.where(FrameRecord.sha256.in_(wanted[start : start + 5000]), in_queue(grader))
        for frame_id, sha256 in session.execute(query.order_by(FrameRecord.id)):
            found.setdefault(str(sha256), frame_id)
    return {frame_id: sha256 for sha256, frame_id in found.items()}


def _ranked(session: Session, grader: str, ranking: Mapping[int, tuple[float, str]]) -> list[int]:
    if not ranking:
        raise UserError(
            "Frames are not ranked yet: choose Rank the frames, or run blasto-annotator queue rank."
        )
    left = _unlabelled(session, grader, ranking)
    return sorted(left, key=lambda frame: (-ranking[frame][0], frame))


def _unlabelled(session: Session, grader: str, frames: Iterable[int]) -> list[int]:
    """Those of the frames whose moment carries no label of the grader, in the grader's queue."""
    labelled = {(own.embryo_id, own.moment) for own in _own_labels(session, grader, None)}
    left: list[int] = []
    wanted = sorted(frames)
    for start in range(0, len(wanted), 5000):
        query = select(FrameRecord.id, FrameRecord.embryo_id, FrameRecord.moment).join(EmbryoRecord)
        query = query.where(FrameRecord.id.in_(wanted[start : start + 5000]), in_queue(grader))
        left += [row.id for row in session.execute(query) if (row.embryo_id, row.moment) not in labelled]
    return left


def _balanced(
    session: Session,
    choice: QueueChoice,
    grader: str,
    scheme: Scheme,
    ranking: Mapping[int, tuple[float, str]],
) -> list[int]:
    """Frames whose likely group is the rarest so far first, each embryo once."""
    own = _own_labels(session, grader, scheme)
    counts = Counter({group.name: 0 for group in scheme.groups})
    counts.update(label.group for label in own if label.group)
    newest = {label.embryo_id: label for label in own}
    likely = _likely_by_model(session, ranking)
    weighed: list[tuple[int, int, int]] = []
    for place, embryo_id in enumerate(islice(unfinished(session, grader, None), _LOOKED_AT)):
        label = newest.get(embryo_id)
        guess = (
            label.group
            if label is not None
            else likely.get(embryo_id) or _by_remark(session, embryo_id, scheme)
        )
        frame = None if label is not None else _in_window(session, choice, embryo_id)
        after = label.moment if label is not None else None
        frame = frame or first_unlabelled(session, embryo_id, grader, after=after)
        if frame is not None:
            weighed.append((counts[guess] if guess in counts else max(counts.values()) + 1, place, frame))
    return [frame for _, _, frame in sorted(weighed)]


def _own_labels(session: Session, grader: str, scheme: Scheme | None) -> list[_Own]:
    """The grader's current labels in the order of their entry."""
    columns = (LabelRecord.expansion, LabelRecord.icm, LabelRecord.te)
    query = select(FrameRecord.embryo_id, FrameRecord.moment, *columns)
    query = query.join(FrameRecord, FrameRecord.sha256 == LabelRecord.sha256)
    current = LabelRecord.id.in_(current_ids(LabelRecord.grader == grader))
    query = query.where(current, LabelRecord.withdrawn.is_(False)).order_by(LabelRecord.id)
    rows = session.execute(query)
    return [_Own(r[0], r[1], _group(scheme, r[2], r[3], r[4]) if scheme is not None else "") for r in rows]


def _likely_by_model(session: Session, ranking: Mapping[int, tuple[float, str]]) -> dict[int, str]:
    found: dict[int, str] = {}
    wanted = sorted(ranking)
    for start in range(0, len(wanted), 5000):
        query = select(FrameRecord.id, FrameRecord.embryo_id)
        for frame_id, embryo_id in session.execute(
            query.where(FrameRecord.id.in_(wanted[start : start + 5000]))
        ):
            found[embryo_id] = ranking[frame_id][1]
    return found


def _by_remark(session: Session, embryo_id: int, scheme: Scheme) -> str:
    """The group that the source's remark hints at; only the order goes by it, no label."""
    query = select(FrameRecord.remark).where(FrameRecord.embryo_id == embryo_id, FrameRecord.remark != "")
    match = _LETTERS.search(session.scalars(query.limit(1)).first() or "")
    return _group(scheme, 4, match[1].upper(), match[2].upper()) if match is not None else ""


def _group(scheme: Scheme, expansion: int | None, icm: str | None, te: str | None) -> str:
    if expansion is None:
        return "not gradable"
    group = scheme.group_of(Grade(expansion, icm, te))
    return group.name if group is not None else f"expansion {expansion}"
