"""Disks that are full or fail, power cuts, files that rot, processes that are killed or end."""

from __future__ import annotations

from typing import Final

from tests.faults.catalogue.entry import Fault, Guard

_DURABLE: Final = "facility/store/embedded/test_durability.py::"
_DAMAGE: Final = "facility/spool/test_spool_damage.py::"
_SPOOL: Final = "facility/spool/test_spool.py::"

FAULTS: Final = (
    Fault(
        number=44,
        part="alarm",
        fault="the disk fills",
        provoked="folders with 10.0 and 9.9 % of free room",
        asserted="an alarm from a tenth on, before anything is refused",
        tests=("controller/alarming/test_disk_look.py::test_from_a_tenth_on_it_is_an_alarm",),
        guard=Guard(
            file="controller/alarming/disk.py",
            old="for folder, percent in free if percent < self._percent]\n",
            new="for folder, percent in free if percent < 0]\n",
        ),
    ),
    Fault(
        number=44,
        part="store",
        fault="the disk under the embedded store is full",
        provoked="a file system of one megabyte with ballast; a process whose files may not grow",
        asserted="refused and never acknowledged, reading goes on, it goes on by itself when there is room",
        tests=(
            f"{_DURABLE}test_on_a_full_disk_writing_is_refused_reading_goes_on_and_room_heals_it",
            f"{_DURABLE}test_where_a_file_may_not_grow_nothing_is_acknowledged_that_is_not_kept",
        ),
        guard=Guard(
            file="facility/store/embedded/container.py",
            old="                if self.writing.in_transaction:  # a full disk rolls back by itself\n"
            '                    self.writing.execute("ROLLBACK")\n'
            "                raise\n",
            new="                return\n",
        ),
    ),
    Fault(
        number=44,
        part="spool",
        fault="the disk under the spool is full",
        provoked="a disk that takes nothing",
        asserted="readings wait in memory and nobody is told, what is there goes out, room heals it",
        tests=(
            f"{_SPOOL}test_what_the_disk_did_not_take_was_not_taken_and_is_taken_later",
            f"{_SPOOL}test_while_the_disk_takes_nothing_what_is_there_goes_out_and_room_comes_back",
            "facility/store/test_spooled.py::"
            "test_while_the_disk_takes_nothing_readings_wait_in_memory_and_nobody_is_told",
        ),
        guard=Guard(
            file="facility/spool/spool.py",
            old="            except OSError:\n"
            "                for name in {record.name for record in wanted}:\n"
            "                    with contextlib.suppress(OSError):  # no lane writes on behind what may not be there\n"
            "                        self._lanes[name].give_up()\n"
            "                raise\n",
            new="            except OSError:\n                pass\n",
        ),
    ),
    Fault(
        number=45,
        fault="an error at writing or syncing",
        provoked="a disk whose calls fail",
        asserted="kept in memory and tried again, the sender not told that it is durable",
        tests=(
            f"{_SPOOL}test_what_the_disk_did_not_take_was_not_taken_and_is_taken_later",
            f"{_SPOOL}test_of_several_records_all_are_taken_or_none",
        ),
        guard=Guard(
            file="facility/spool/segment.py",
            old="        with contextlib.suppress(OSError):\n"
            "            self._disk.cut(self._handle, self.segment.size)\n",
            new="",
        ),
    ),
    Fault(
        number=46,
        fault="kill -9 while writing, 25 and 50 times",
        provoked="writers killed at random",
        asserted="nothing acknowledged is lost, batches are whole, numbers go on",
        tests=(
            f"{_DAMAGE}test_twenty_five_kills_lose_nothing_that_was_safe",
            f"{_DURABLE}test_fifty_kills_lose_nothing_that_was_acknowledged",
        ),
        guard=Guard(
            file="facility/store/embedded/container.py",
            old='                self.writing.execute("COMMIT")\n            except',
            new="                if self.writing.total_changes % 20 == 0:\n"
            '                    self.writing.execute("COMMIT")\n'
            "            except",
        ),
        also=(
            Guard(
                file="facility/store/embedded/container.py",
                old='            self.writing.execute("BEGIN IMMEDIATE")\n            try:\n',
                new="            if not self.writing.in_transaction:\n"
                '                self.writing.execute("BEGIN IMMEDIATE")\n'
                "            try:\n",
            ),
        ),
    ),
    Fault(
        number=47,
        fault="a power cut, sectors half written",
        provoked="a disk that keeps only what was synced, cut at every call, with torn ends",
        asserted="nothing acknowledged is lost, the file opens",
        tests=(
            f"{_DAMAGE}test_a_power_cut_at_any_moment_takes_nothing_that_was_safe",
            f"{_DURABLE}test_a_torn_commit_is_gone_whole_and_all_before_it_stays",
        ),
        guard=Guard(
            file="facility/spool/spool.py",
            old="            pen.sync()\n",
            new="            pass\n",
        ),
    ),
    Fault(
        number=48,
        part="records",
        fault="the file of the records is damaged at the start",
        provoked="bytes of the middle page flipped, the file cut off, another file in its place",
        asserted="moved to `.corrupt.<time>` with its log, a new one begun, an alarm that says to restore",
        tests=(
            "facility/journal/test_damage.py::test_a_damaged_journal_is_moved_aside_and_a_new_one_begun",
            "facility/journal/test_damage.py::test_a_file_that_is_no_database_is_moved_aside",
            "houqin/test_damage.py::test_a_damaged_file_is_moved_aside_and_told",
        ),
        guard=Guard(
            file="facility/journal/database.py",
            old="move_aside(file) if file is not None and is_damaged(file) else None\n",
            new="None\n",
        ),
    ),
    Fault(
        number=48,
        part="store",
        fault="the file of the readings is damaged at the start",
        provoked="a file that is no store; broken pages; damaged blocks",
        asserted="moved aside, a new one begun, an alarm; of single damaged parts only they are missing",
        tests=(
            "facility/store/embedded/test_damage.py::test_a_file_that_is_no_store_is_moved_aside_and_a_new_one_begun",
            "facility/store/embedded/test_damage.py::"
            "test_a_store_with_a_broken_page_opens_empty_beside_it_or_reads_what_it_can",
            "houqin/test_damage.py::test_a_damaged_file_is_moved_aside_and_told",
        ),
        guard=Guard(
            file="facility/store/embedded/container.py",
            old="    return code is not None and code & 0xFF in _DAMAGED\n",
            new="    return False\n",
        ),
    ),
    Fault(
        number=48,
        part="spool",
        fault="a file of the spool is damaged",
        provoked="bits flipped in the middle, files of something else",
        asserted="kept as `.corrupt.<time>`, what can be read of it goes out, told",
        tests=(
            f"{_DAMAGE}test_a_file_damaged_in_the_middle_is_kept_aside_and_the_rest_of_it_used",
            f"{_DAMAGE}test_of_a_file_with_any_one_bit_flipped_only_the_record_hit_is_missing",
        ),
        guard=Guard(
            file="facility/spool/frames.py",
            old="    if zlib.crc32(memoryview(data)[at + _SIGNED_FROM : end]) != checksum:\n        return None\n",
            new="",
        ),
    ),
    Fault(
        number=49,
        part="read, then write",
        fault="another process writes between a transaction's reading and its writing",
        provoked="two processes, and two connections, that enter in turn",
        asserted="writers take their turn at the beginning: SQLite would refuse at once, whatever its time limit",
        tests=(
            "faults/test_locked_journal.py::test_who_reads_first_and_writes_later_is_not_refused",
            "facility/journal/test_two_writers.py::test_two_processes_enter_at_once_and_nothing_is_lost",
        ),
        guard=Guard(
            file="facility/journal/engine.py",
            old='    connection.exec_driver_sql("BEGIN" if _is_reading(connection) else "BEGIN IMMEDIATE")\n',
            new='    connection.exec_driver_sql("BEGIN")\n',
        ),
    ),
    Fault(
        number=49,
        part="locked",
        fault="another process holds the records locked",
        provoked="a second process with BEGIN IMMEDIATE",
        asserted="waited for; readers pass meanwhile",
        tests=(
            "faults/test_locked_journal.py::test_who_writes_waits_for_a_lock_and_who_reads_does_not",
            "facility/archive/test_backup.py::test_a_backup_does_not_wait_for_who_holds_the_files_locked",
        ),
        guard=Guard(
            file="facility/journal/engine.py",
            old='    connection.execute(f"PRAGMA busy_timeout={LOCK_WAIT_S * 1000}")\n',
            new='    connection.execute("PRAGMA busy_timeout=0")\n',
        ),
    ),
    Fault(
        number=50,
        part="SIGTERM",
        fault="SIGTERM",
        provoked="a real `houqin run` that reads a simulated building",
        asserted="exit code 0 within ten seconds, what was read is kept, states are saved",
        tests=(
            "faults/test_ending.py::test_sigterm_ends_a_run_in_time_and_everything_is_kept",
            "houqin/test_run_and_simulate.py::test_ctrl_c_ends_a_run_and_what_was_read_is_kept",
        ),
        guard=Guard(
            file="houqin/stopping.py",
            old="        for number in (signal.SIGINT, signal.SIGTERM):\n            loop.add_signal_handler",
            new="        for number in (signal.SIGINT,):\n            loop.add_signal_handler",
        ),
    ),
    Fault(
        number=50,
        part="any moment",
        fault="told to end in the very moment in which something is answered",
        provoked="a cancellation together with the lease's first answer",
        asserted="it ends; nothing waits in a way that forgets that it was told to",
        tests=(
            "faults/test_ending.py::test_a_controller_that_is_told_to_end_as_its_lease_is_answered_ends",
            "faults/test_ending.py::test_nothing_waits_in_a_way_that_forgets_that_it_was_told_to_end",
        ),
        guard=Guard(
            file="controller/lease.py",
            old="                    async with asyncio.timeout(LONGEST_LOOK_S):\n"
            "                        await self._answered.wait()\n",
            new="                    await asyncio.wait_for(self._answered.wait(), LONGEST_LOOK_S)\n",
        ),
    ),
    Fault(
        number=50,
        part="crash loop",
        fault="a part of the program fails again and again",
        provoked="work that raises every time it is begun",
        asserted="begun again after pauses that grow to a minute, one alarm that ends with it; the others go on",
        tests=(
            "faults/test_crash_loop.py::test_what_fails_again_and_again_is_begun_after_growing_pauses",
            "faults/test_crash_loop.py::test_what_fails_stops_nothing_else_and_is_alarmed_until_it_runs",
        ),
        guard=Guard(
            file="houqin/supervisor.py",
            old="        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)\n",
            new="",
        ),
    ),
    Fault(
        number=50,
        part="failing controller",
        fault="a controller that fails again and again",
        provoked="a controller whose work raises",
        asserted="the lease is given back in between, so that a standby acts; units stay as they are and the window's"
        " end is the gateway's",
        tests=("faults/test_crash_loop.py::test_a_controller_that_fails_gives_its_lease_back_before_it_begins_again",),
        guard=Guard(
            file="controller/lease.py",
            old="                self._leases.release(self._site, self.holder, held)\n",
            new="                pass\n",
        ),
    ),
)
