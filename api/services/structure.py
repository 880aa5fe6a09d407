"""The building's own structure: buildings, floors, offices, rooms, equipment and points, with ids and names."""

from __future__ import annotations

from api.context import ApiContext
from api.problems import POINT, unknown
from api.shapes import Bilingual, Shape
from facility.model.entries import Meter
from facility.model.site import Point
from facility.quantities import ENUMERATIONS


class EquipmentView(Shape):
    """One equipment. `office` uses it or answers for it; `item` and `parent` are a meter's."""

    id: str
    kind: str
    name: Bilingual
    office: str | None
    serves: list[str]
    item: str | None = None
    parent: str | None = None
    operable: bool = False


class SpaceView(Shape):
    """A room. `zone_class` says how the rules treat it."""

    id: str
    name: Bilingual
    zone_class: str
    office: str | None
    responsible_office: str | None
    area_m2: float | None
    equipment: list[str]


class FloorView(Shape):
    """A storey with its rooms."""

    id: str
    level: int
    name: Bilingual
    spaces: list[SpaceView]


class BuildingView(Shape):
    """A building with its floors."""

    id: str
    name: Bilingual
    floors: list[FloorView]


class OfficeView(Shape):
    """An office. `headcount` and `area_m2` are None where the site file does not say."""

    id: str
    name: Bilingual
    headcount: int | None
    area_m2: float | None
    responsible: str | None
    equipment: list[str]


class SiteView(Shape):
    """The whole site."""

    id: str
    name: Bilingual
    timezone: str
    buildings: list[BuildingView]
    offices: list[OfficeView]
    equipment: list[EquipmentView]


class PointView(Shape):
    """One value of one equipment. `states` names the values 0, 1, 2 ... of a state, None for numbers."""

    id: str
    equipment: str
    quantity: str
    unit: str
    name: Bilingual
    states: list[str] | None
    writable: bool


class Points(Shape):
    """All points, in the site file's order."""

    rows: list[PointView]


def structure(context: ApiContext) -> SiteView:
    """The tree of the site."""
    site = context.site
    return SiteView(
        id=site.id,
        name=Bilingual.of(site.file.site.name.text),
        timezone=site.file.site.timezone,
        buildings=[
            BuildingView(
                id=building.id,
                name=Bilingual.of(building.name.text),
                floors=[_floor(context, floor.id) for floor in building.floors],
            )
            for building in site.buildings.values()
        ],
        offices=[office_view(context, office) for office in site.offices],
        equipment=[equipment_view(context, item) for item in site.equipment],
    )


def office_view(context: ApiContext, office_id: str) -> OfficeView:
    """One office."""
    office = context.site.offices[office_id]
    return OfficeView(
        id=office.id,
        name=Bilingual.of(office.name.text),
        headcount=office.headcount,
        area_m2=office.area_m2,
        responsible=office.responsible,
        equipment=[item for item in context.site.equipment if context.site.office_of(item) == office_id],
    )


def equipment_view(context: ApiContext, equipment_id: str) -> EquipmentView:
    """One equipment."""
    item = context.site.equipment[equipment_id]
    meter = item if isinstance(item, Meter) else None
    return EquipmentView(
        id=item.id,
        kind=item.kind,
        name=Bilingual.of(item.text),
        office=context.site.office_of(equipment_id),
        serves=list(getattr(item, "serves", ())),
        item=None if meter is None else meter.item,
        parent=None if meter is None else meter.parent,
        operable=context.site.is_operable(equipment_id),
    )


def _floor(context: ApiContext, floor_id: str) -> FloorView:
    floor = context.site.floors[floor_id]
    return FloorView(
        id=floor.id,
        level=floor.level,
        name=Bilingual.of(floor.text),
        spaces=[
            SpaceView(
                id=space.id,
                name=Bilingual.of(space.text),
                zone_class=space.zone_class.value,
                office=space.office,
                responsible_office=space.responsible_office,
                area_m2=space.area_m2,
                equipment=[
                    item.id for item in context.site.equipment.values() if space.id in getattr(item, "serves", ())
                ],
            )
            for space in context.site.spaces.values()
            if space.floor == floor_id
        ],
    )


def points(context: ApiContext, *, equipment: str | None = None) -> Points:
    """All points, or those of one equipment."""
    from api.services.live import chosen_points

    return Points(rows=[_point(point) for point in chosen_points(context, equipment=equipment, office=None)])


def point(context: ApiContext, point_id: str) -> PointView:
    """One point.

    Raises:
        RequestProblem: no such point.
    """
    found = context.site.points.get(point_id)
    if found is None:
        raise unknown(POINT, point_id)
    return _point(found)


def _point(item: Point) -> PointView:
    enumeration = item.spec.enumeration
    return PointView(
        id=item.id,
        equipment=item.equipment,
        quantity=item.quantity.value,
        unit=item.unit,
        name=Bilingual.of(item.text),
        states=None if enumeration is None else list(ENUMERATIONS[enumeration]),
        writable=item.writable,
    )
