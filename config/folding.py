"""Parts of templates that say the same on every page of a language are rendered once for it, and kept; variables and
addresses are written by shorter ways than Django's.

More than half of a page's frame are constants: words to translate, symbols, addresses without arguments, files. When a
template has been compiled, neighbours among them are folded into one node. What it keeps depends on nothing but what
its key has; a tag that may depend on anything else (a variable, the person, the instant) isn't folded. Why so:
docs/adr/0041-constants-and-rows.md.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from django.conf import settings
from django.template import Template
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    TextNode,
    TokenType,
    Variable,
    VariableNode,
    render_value_in_context,
)
from django.template.context import Context
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import get_script_prefix, get_urlconf
from django.utils.functional import Promise
from django.utils.translation import get_language

from accountability.declarations.addresses import address_of_page
from accountability.security.markup import escaped

OF_THE_LANGUAGE = {
    ("accountability.templatetags.shouwen", name) for name in ("icon", "number_pattern", "rule")
}  # fmt: skip
"""Simple tags that with the same arguments say the same in the same language. Rules change with a release only."""

MOST = 16
"""Texts kept by one node. A process has two languages and serves one address."""

_KEY = "what_folded_parts_depend_on"


class _Folding(base.Loader):
    """Folds what was compiled, before it is kept."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        fold(template.nodelist)
        return template


class Loader(cached.Loader, _Folding):
    """Django's loader that keeps compiled templates, as they are folded."""


class Folded(Node):
    """Neighbours that are constant in a language."""

    child_nodelists = ()

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.kept: dict[Hashable, str] = {}

    def render(self, context: Context) -> str:
        if not context.autoescape:
            return self._rendered(context)
        key = context.render_context.get(_KEY) or _noted(context)
        text = self.kept.get(key)
        if text is None:
            text = self._rendered(context)
            if len(self.kept) < MOST:
                self.kept[key] = text
        return text

    def _rendered(self, context: Context) -> str:
        return "".join([str(node.render_annotated(context)) for node in self.nodes])


class Said(VariableNode):
    """A variable of a page. Django asks of each value whether it is an instant, a number or markup, by thirty calls.
    Most values are texts, or wait for a language; whatever else one is, Django writes it.
    """

    def render(self, context: Context) -> str:
        try:
            value = self.filter_expression.resolve(context)
        except UnicodeDecodeError:  # as Django's node does
            return ""
        if context.autoescape and isinstance(value, (str, Promise)):
            return escaped(value)
        return render_value_in_context(value, context)


class Linked(URLNode):
    """The address of a page that isn't in a namespace, with parts: of those nothing but the parts is looked up."""

    def render(self, context: Context) -> str:
        parts = [part.resolve(context) for part in self.args]
        address = address_of_page(self.view_name.resolve(context), *parts)
        return escaped(address) if context.autoescape else address


def _noted(context: Context) -> Hashable:
    """The key of everything folded in the template that is being rendered: language, addresses, place of the files."""
    key = get_language(), get_script_prefix(), get_urlconf(), settings.ROOT_URLCONF, settings.STATIC_URL
    context.render_context[_KEY] = key
    return key


def fold(nodes: NodeList) -> None:
    """Fold the constants in this list and in all below it; variables and addresses take the shorter ways."""
    folded: list[Node] = []
    run: list[Node] = []
    for node in [*nodes, None]:
        if node is not None and is_constant(node):
            run.append(node)
            continue
        folded += [Folded(run)] if any(not isinstance(each, TextNode) for each in run) else run
        run = []
        if node is not None:
            if type(node) is VariableNode:
                node.__class__ = Said
            elif type(node) is URLNode and _is_of_one_page(node):
                node.__class__ = Linked
            folded.append(node)
            for inner in _below(node):
                fold(inner)
    nodes[:] = folded


def _below(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):
        yield from (nodes for _condition, nodes in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        if nodes := getattr(node, name, None):
            yield nodes


def is_constant(node: Node) -> bool:
    """Whether it says the same on every page of a language, and sets nothing that another node reads."""
    match node:
        case TextNode() | LoadNode() | CommentNode():
            return True
        case TranslateNode():
            context = node.message_context
            return not node.asvar and _is_literal(node.filter_expression) and (context is None or _is_literal(context))
        case BlockTranslateNode():
            named = (node.asvar, node.plural, node.countervar, node.extra_context, node.message_context)
            return not any(named) and all(token.token_type == TokenType.TEXT for token in node.singular)
        case URLNode():
            return not node.args and _is_of_one_page(node)
        case StaticNode():
            return node.varname is None and _is_literal(node.path)
        case SimpleNode():
            return _is_of_the_language(node) and all(map(_is_literal, (*node.args, *node.kwargs.values())))
    return False


def _is_of_one_page(node: URLNode) -> bool:
    """A name in a namespace is found by the namespace of the page."""
    return not (node.asvar or node.kwargs) and _is_literal(node.view_name) and ":" not in node.view_name.token


def _is_of_the_language(node: SimpleNode) -> bool:
    named = (node.func.__module__, node.func.__name__)
    return named in OF_THE_LANGUAGE and not node.takes_context and node.target_var is None


def _is_literal(expression: FilterExpression) -> bool:
    said = expression.var
    return not expression.filters and (said.lookups is None if isinstance(said, Variable) else said is not None)
