"""The notice's flow chart as a graph, for the list below the drawing (`templates/accountability/rules/parts/flow.svg`).

The copy of the notice has the boxes and five 是 and five 否 in one garbled line. The upper part has one
possible reading; of the tail's two, this is the one in which the customer is asked first
(docs/adr/0005-readings.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

YES, NO = _("是"), _("否")


@dataclass(frozen=True)
class Step:
    """A box. `ways` are its exits: (answer, step); a question has two answers."""

    name: str
    text: str
    ways: tuple[tuple[Any, str], ...]
    rules: tuple[str, ...] = field(default=())

    @property
    def is_question(self) -> bool:
        return self.name.startswith("D")

    @property
    def is_end(self) -> bool:
        return not self.ways


STEPS: tuple[Step, ...] = (
    Step("N1", "客户呼入省客户服务中心或员工转交的投诉", (("", "N2"),), ("R1", "R9")),
    Step("N2", "省客户服务中心开始受理客户投诉", (("", "D1"),), ("R10",)),
    Step("D1", "是否能直接受理", ((YES, "N11"), (NO, "N3")), ("R11",)),
    Step("N3", "判断投诉处理部门进行派单", (("", "N4"),), ("R11", "R18")),
    Step("N4", "首问责任部门：各直属单位、省公司机关各部门、各地市分公司", (("", "D2"),), ("R3", "R19")),
    Step("D2", "责任是否归属本部门", ((YES, "N7"), (NO, "N5")), ("R27",)),
    Step("N5", "说明理由及原因，在规定时间进行不能办理投诉反馈", ((_("重新派单"), "N3"),), ("R27", "R28")),
    Step("N7", "接到派单的部门启动投诉处理流程", (("", "D3"),), ("R24",)),
    Step("D3", "是否在规定时限内处理结束", ((YES, "N11"), (NO, "N8")), ("R24",)),
    Step("N8", "未按规定时限进行处理，导致投诉升级，造成负面影响", (("", "N9"),), ("R38",)),
    Step("N9", "启动考核流程，进行相关处理", ((_("处理继续"), "N7"),), ("R42", "R50")),
    Step("N11", "判断处理完毕", (("", "N10"),), ("R33",)),
    Step("N10", "根据投诉情况由客户服务中心或投诉转交员工回复客户", (("", "D5"),), ("R34", "R35")),
    Step("D5", "客户是否满意", ((YES, "N12"), (NO, "D4")), ("R37",)),
    Step("D4", "是否需要二次派单", ((YES, "N6"), (NO, "N12")), ("R7", "R37")),
    Step("N6", "二次派发", (("", "N3"),), ("R7",)),
    Step("N12", "归档结束", (), ("R7",)),
)

BY_NAME = {step.name: step for step in STEPS}
PLACES = {step.name: place for place, step in enumerate(STEPS, 1)}
"""The number of each step in the list."""
