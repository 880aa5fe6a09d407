"""Publishes a site on one of its brokers for other systems, and takes what they ask for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from facility.bus import Bus, ReadingsTaken
from facility.clock import Clock
from facility.errors import LinkDown, Where
from facility.model import Site
from facility.model.entries import MqttLink
from facility.publish_health import PublishHealth
from facility.readings import to_us
from facility.spool import Spool
from facility.store.retention import class_of
from facility.store.spooled import ReadingsSpool, bounds_of
from gateway.mqtt.connection import Connection, Delivery
from gateway.mqtt.out.alarms import PublishAlarms
from gateway.mqtt.out.desk import CommandDesk
from gateway.mqtt.out.discovery import Discovery
from gateway.mqtt.out.image import Image
from gateway.mqtt.out.remembered import read_remembered, write_remembered
from gateway.mqtt.out.scope import Scope, scope_of
from gateway.mqtt.out.speaking import Outbox, Speaker, Tally
from gateway.mqtt.out.states import States
from gateway.mqtt.out.stream import Stream
from gateway.mqtt.out.topics import Topics

FIRST_PAUSE_WALL_S: Final = 0.5
LONGEST_PAUSE_WALL_S: Final = 30.0
LOOK_EVERY_WALL_S: Final = 5.0
_COMMANDS_AHEAD: Final = 20

log = logging.getLogger(__name__)


class Publishing:
    """Everything that one site publishes. It has a connection of its own: what devices send does not hold it up.

    It listens from the moment it is made until `run` ends or `close`.

    Args:
        site: the site; its `publish` section names a link.
        bus: brings what is published, takes proposals and alarms.
        clock: dates proposals and alarms.
        folder: where readings wait, and what was announced is remembered; this object's alone.
        installation: tells this gateway from another on the same site.
        known_as: version of Houqin, told to Home Assistant.
    """

    def __init__(
        self, site: Site, bus: Bus, clock: Clock, folder: Path, *, installation: str = "", known_as: str = "source"
    ) -> None:
        entry = site.file.publish
        assert entry.link is not None
        link = site.links[entry.link]
        if not isinstance(link, MqttLink):
            raise TypeError(f"link {entry.link} is not an MQTT link")
        self._site, self._bus, self._clock, self._folder = site, bus, clock, folder
        self._entry, self._link_id, self._link = entry, entry.link, link
        own = f"-{installation}" if installation else ""
        self._client_id = f"{link.client_id or f'houqin-{site.id}-{entry.link}{own}'}-publish"
        self._topics = Topics(entry.topic_prefix(site.id))
        self._scope = scope_of(site)
        self._woken = asyncio.Event()
        self._outbox, self._tally = Outbox(), Tally()
        self._image = Image(every_s=entry.every_s, heartbeat_s=entry.heartbeat_s)
        self._states = self._make_states(known_as)
        self._stream = self._make_stream(self._scope) if entry.stream else None
        self._desk = self._make_desk()
        self._alarms = PublishAlarms(entry.link, bus)
        self._up: bool | None = None
        self._leave = self._states.listen(bus)
        if self._stream is not None:
            stream = self._stream
            self._leave.append(bus.listen(ReadingsTaken, lambda message: stream.put(message.batch)))

    def _make_states(self, known_as: str) -> States:
        entry = self._entry
        discovery = None
        if entry.home_assistant is not None:
            discovery = Discovery(
                self._site, entry.home_assistant, self._topics, origin_version=known_as,
                commands=entry.commands is not None,
            )  # fmt: skip
        return States(
            self._site,
            self._scope,
            topics=self._topics,
            image=self._image,
            discovery=discovery,
            before=read_remembered(self._folder),
            now_s=time.monotonic,
            changed=self._woken.set,
        )

    def _make_stream(self, scope: Scope) -> Stream:
        classes = {key: class_of(point) for key, point in scope.points.items()}
        bounds, clock = bounds_of(self._entry.spool), self._clock

        def opened() -> ReadingsSpool:
            spool = Spool(self._folder, bounds, now_us=lambda: to_us(clock.now()))
            return ReadingsSpool(spool, classes, clock)

        return Stream(opened, scope.points, self._topics, self._woken.set)

    def _make_desk(self) -> CommandDesk | None:
        if self._entry.commands is None:
            return None
        return CommandDesk(
            self._site, self._entry.commands, link=self._link_id, bus=self._bus, clock=self._clock, tell=self._answer
        )  # fmt: skip

    def _answer(self, equipment: str, payload: bytes) -> None:
        self._outbox.messages.append((self._topics.equipment(equipment, "result"), payload))
        self._woken.set()

    @property
    def up(self) -> bool:
        """Whether the broker takes what is published."""
        return self._up is True

    def health(self) -> PublishHealth:
        """How it does."""
        desk, stream = self._desk, self._stream
        slips = {} if desk is None else {slip.value: count for slip, count in desk.slips.items()}
        return PublishHealth(
            link=self._link_id,
            up=self._up,
            at=self._clock.now(),
            published=self._tally.published,
            refused=self._tally.refused,
            topics=len(self._image),
            spool=None if stream is None else stream.figures,
            lost=0 if stream is None else stream.lost,
            commands={} if desk is None else {"proposed": desk.taken, **slips},
        )

    def close(self) -> None:
        """Stops listening. For use without `run`, which does so itself."""
        for leave in self._leave:
            leave()
        self._leave = []
        if self._desk is not None:
            self._desk.close()

    async def run(self) -> None:
        """Publishes until cancelled; then says goodbye to the broker, and what it has not taken waits on disk."""
        try:
            async with asyncio.TaskGroup() as tasks:
                if self._stream is not None:
                    tasks.create_task(self._stream.run(), name="publish: spool")
                tasks.create_task(self._keep_connected(), name="publish: connection")
                tasks.create_task(self._look(), name="publish: alarms")
        finally:
            self.close()
            await asyncio.to_thread(write_remembered, self._folder, self._states.remembered)

    async def _look(self) -> None:
        """Looks after the room on disk, and remembers what the broker keeps."""
        written = None
        while True:
            stream = self._stream
            figures, lost = (None, 0) if stream is None else (stream.figures, stream.lost)
            self._alarms.look(figures, lost, self._tally.refused, self._clock.now())
            remembered = self._states.remembered
            if self._up and remembered != written:
                await asyncio.to_thread(write_remembered, self._folder, remembered)
                written = remembered
            await asyncio.sleep(LOOK_EVERY_WALL_S)

    async def _keep_connected(self) -> None:
        pause_s = FIRST_PAUSE_WALL_S
        while True:
            detail, was_up = await self._connect_and_speak()
            self._tell(False, detail)
            if was_up:
                pause_s = FIRST_PAUSE_WALL_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_WALL_S)

    async def _connect_and_speak(self) -> tuple[str, bool]:
        """One connection, from beginning to end: why it ended, and whether it stood."""
        connection = self._make_connection()
        farewell, was_up = True, False
        try:
            refused = await connection.open(() if self._desk is None else (self._topics.commands,))
            if refused:
                log.error("broker %s does not let the gateway read %s: nobody can ask for anything",
                          self._link_id, refused[0])  # fmt: skip
            connection.publish(self._topics.availability, b"online", qos=1, retain=True)
            self._tell(True, "connected")
            was_up = True
            detail = await self._speak(connection)
            farewell = False
        except LinkDown as error:
            farewell = False
            detail = str(error)
        finally:
            connection.close(farewell=farewell)
        return detail, was_up

    async def _speak(self, connection: Connection) -> str:
        speaker = Speaker(
            connection, image=self._image, outbox=self._outbox, stream=self._stream, retains=self._retains,
            tally=self._tally, woken=self._woken,
        )  # fmt: skip
        serving = asyncio.ensure_future(connection.serve())
        speaking = asyncio.ensure_future(speaker.run())
        try:
            await asyncio.wait([serving, speaking], return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                return serving.result()
            await speaking
            return "nothing more to say"
        finally:
            serving.cancel()
            speaking.cancel()
            await asyncio.gather(serving, speaking, return_exceptions=True)

    def _make_connection(self) -> Connection:
        return Connection(
            self._link,
            client_id=self._client_id,
            status_topic=self._topics.availability,
            on_accepted=lambda *_: None,
            on_message=self._take,
            receive_maximum=_COMMANDS_AHEAD,
            where=Where(link=self._link_id, address=self._link.endpoint),
            keeps_session=False,  # what was asked for while the gateway was away is not to be done later
        )

    def _retains(self, topic: str) -> bool:
        return self._entry.retain or not topic.startswith(f"{self._topics.prefix}/")

    def _take(self, connection: Connection, delivery: Delivery) -> None:
        connection.acknowledge(delivery)
        equipment = None if delivery.topic is None else self._topics.commanded(delivery.topic)
        if self._desk is not None and equipment is not None and self._is_offered(equipment):
            self._desk.take(equipment, delivery.payload, retained=delivery.retained)

    def _is_offered(self, equipment: str) -> bool:
        """What the site file does not publish is not operated from there either."""
        return equipment not in self._site.equipment or equipment in self._scope.equipment

    def _tell(self, up: bool, detail: str) -> None:
        if up is not self._up:
            self._up = up
            log.log(logging.INFO if up else logging.WARNING, "publishing on %s: %s", self._link_id, detail)


def publishing_of(
    site: Site, bus: Bus, clock: Clock, folder: Path | None, *, installation: str = ""
) -> Publishing | None:  # fmt: skip
    """What publishes a site; None where its site file wants nothing published, or there is no folder to keep it in."""
    if site.file.publish.link is None or folder is None:
        return None
    try:
        known = version("houqin")
    except PackageNotFoundError:
        known = "source"
    return Publishing(site, bus, clock, folder, installation=installation, known_as=known)


def is_same_publishing(before: Site, after: Site) -> bool:
    """Whether two sites publish the same things in the same place."""
    parts: list[Callable[[Site], object]] = [
        lambda site: site.id,
        lambda site: site.file.publish,
        lambda site: None if site.file.publish.link is None else site.links[site.file.publish.link],
        lambda site: site.equipment,
        lambda site: site.points,
        lambda site: site.spaces,
        lambda site: site.devices,
    ]
    if before.file.publish.link is None and after.file.publish.link is None:
        return True
    return all(part(before) == part(after) for part in parts)
