// SPDX-License-Identifier: GPL-3.0-or-later
#include "designer/canvas_access.h"

#include "designer/design_view.h"
#include "models/read.h"

#include <QAccessibleWidget>
#include <QHash>
#include <QPointer>

#include <algorithm>

namespace keelson::ui {

namespace {

constexpr qsizetype relationsTold = 12;

using Stop = DesignView::Stop;

/// "uses" and "used by".
std::pair<QString, QString> verbsOf(design::RelationKind kind)
{
    switch (kind) {
    case design::RelationKind::Selects:
        return {DesignView::tr("selects %1"), DesignView::tr("selected by %1")};
    case design::RelationKind::Routes:
        return {DesignView::tr("leads to %1"), DesignView::tr("reached from %1")};
    case design::RelationKind::Scales:
        return {DesignView::tr("scales %1"), DesignView::tr("scaled by %1")};
    case design::RelationKind::Binds:
        return {DesignView::tr("binds %1"), DesignView::tr("bound by %1")};
    default:
        return {DesignView::tr("uses %1"), DesignView::tr("used by %1")};
    }
}

QString nameOf(const design::Card& card)
{
    const auto kind =
        card.object.kind.empty() ? DesignView::tr("Document %1").arg(card.document + 1) : toText(card.object.kind);
    return kind + QLatin1Char(' ') +
           (card.object.name.empty() ? DesignView::tr("(no name)") : toText(card.object.name));
}

/// What the lines to other cards say.
QStringList relationsOf(const DesignModel& model, design::CardId id)
{
    QStringList all;
    for (const auto& relation : model.relations()) {
        const auto& from = model.cards()[relation.from];
        const auto& to = model.cards()[relation.to];
        if (relation.kind == design::RelationKind::Within || (from.id != id && to.id != id))
            continue;
        const auto [own, others] = verbsOf(relation.kind);
        auto said = from.id == id ? own.arg(nameOf(to)) : others.arg(nameOf(from));
        if (!relation.label.empty())
            said += QStringLiteral(" (%1)").arg(toText(relation.label));
        all << said;
    }
    if (const auto more = all.size() - relationsTold; more > 0) {
        all.resize(relationsTold);
        all << DesignView::tr("and %n more", nullptr, static_cast<int>(more));
    }
    return all;
}

QString descriptionOf(const DesignView& view, const design::Card& card)
{
    const auto& model = view.model();
    const auto mark = view.marks().value(card.id);
    QStringList parts;
    if (!card.isEditable())
        parts << DesignView::tr("the text has an error: %1").arg(toText(card.problem));
    if (const auto summary = design::summaryOf(card); !summary.empty())
        parts << toText(summary);
    if (card.namespaced)
        parts << DesignView::tr("in namespace %1").arg(toText(card.object.nameSpace));
    if (const auto group = model.groupOf(card.id); !group.empty())
        parts << DesignView::tr("in group %1").arg(toText(group));
    if (mark.errors + mark.warnings > 0)
        parts << DesignView::tr("%n problems", nullptr, mark.errors + mark.warnings) + QStringLiteral(": ") +
                     mark.problem;
    if (!mark.liveWord.isEmpty())
        parts << mark.liveWord;
    if (!mark.ghostRefusal.isEmpty())
        parts << mark.ghostRefusal;
    parts << relationsOf(model, card.id);
    return parts.join(QStringLiteral("; "));
}

/// A card or a group.
class StopAccess : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    StopAccess(DesignView* view, Stop stop) : m_view(view), m_stop(std::move(stop)) {}

    bool isValid() const override { return m_view && isThere(); }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return m_view ? m_view->window()->windowHandle() : nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_view); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    void setText(QAccessible::Text, const QString&) override {}
    QAccessible::Role role() const override { return isGroup() ? QAccessible::Grouping : QAccessible::ListItem; }
    QRect rect() const override;
    QString text(QAccessible::Text text) const override;
    QAccessible::State state() const override;
    QVector<QPair<QAccessibleInterface*, QAccessible::Relation>> relations(QAccessible::Relation match) const override;
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
    }

    QStringList actionNames() const override;
    void doAction(const QString& name) override;
    QStringList keyBindingsForAction(const QString& name) const override;
    QString localizedActionName(const QString& name) const override;
    QString localizedActionDescription(const QString&) const override { return {}; }

    static QString selectAction() { return QStringLiteral("Select"); }
    static QString connectAction() { return QStringLiteral("Connect"); }
    static QString renameAction() { return QStringLiteral("Rename"); }
    static QString ungroupAction() { return QStringLiteral("Ungroup"); }

private:
    bool isThere() const
    {
        const auto stops = m_view->stops();
        return std::ranges::find(stops, m_stop) != stops.end();
    }
    bool isGroup() const { return !m_stop.group.empty(); }
    const design::Group* group() const
    {
        const auto& groups = m_view->model().groups();
        const auto found = groups.find(m_stop.group);
        return found == groups.end() ? nullptr : &found->second;
    }

    QPointer<DesignView> m_view;
    Stop m_stop;
};

/// The canvas itself. It makes its children when they are asked for, and keeps them while they are there.
class CanvasAccess : public QAccessibleWidget {
public:
    explicit CanvasAccess(DesignView* view) : QAccessibleWidget(view, QAccessible::List), m_view(view) {}
    ~CanvasAccess() override
    {
        for (const auto id : std::as_const(m_known))
            QAccessible::deleteAccessibleInterface(id);
    }
    CanvasAccess(const CanvasAccess&) = delete;
    CanvasAccess& operator=(const CanvasAccess&) = delete;

    int childCount() const override { return static_cast<int>(m_view->stops().size()); }
    QAccessibleInterface* child(int index) const override;
    int indexOfChild(const QAccessibleInterface* child) const override;
    QAccessibleInterface* childAt(int x, int y) const override;
    QAccessibleInterface* focusChild() const override;
    QAccessible::State state() const override
    {
        auto state = QAccessibleWidget::state();
        state.multiSelectable = true;
        return state;
    }
    int currentIndex() const;
    QAccessibleInterface* of(design::CardId card) const;
    void forget();

private:
    static QString keyOf(const Stop& stop)
    {
        return stop.group.empty() ? QString::number(stop.card)
                                  : QStringLiteral("%1/%2").arg(stop.card).arg(toText(stop.group));
    }
    QAccessibleInterface* made(const Stop& stop) const;

    DesignView* m_view;
    mutable QHash<QString, QAccessible::Id> m_known;
};

CanvasAccess* accessOf(DesignView& view)
{
    return static_cast<CanvasAccess*>(QAccessible::queryAccessibleInterface(&view));
}

QRect StopAccess::rect() const
{
    const auto rect = isGroup() ? m_view->groupRect(m_stop.group) : m_view->rectOf(m_stop.card);
    return {m_view->mapToGlobal(rect.topLeft().toPoint()), rect.size().toSize()};
}

QString StopAccess::text(QAccessible::Text text) const
{
    const auto* card = m_view->model().find(m_stop.card);
    const auto* own = isGroup() ? group() : nullptr;
    if (!card || (isGroup() && !own))
        return {};
    if (text == QAccessible::Name)
        return isGroup() ? DesignView::tr("Group %1").arg(toText(m_stop.group)) : nameOf(*card);
    if (text != QAccessible::Description)
        return {};
    if (!isGroup())
        return descriptionOf(*m_view, *card);
    QStringList names;
    for (const auto id : own->cards)
        if (const auto* member = m_view->model().find(id))
            names << nameOf(*member);
    return DesignView::tr("%n objects", nullptr, static_cast<int>(own->cards.size())) + QStringLiteral(": ") +
           names.join(QStringLiteral(", "));
}

QAccessible::State StopAccess::state() const
{
    QAccessible::State state;
    const auto* own = isGroup() ? group() : nullptr;
    const auto* card = m_view->model().find(m_stop.card);
    if (!card || (isGroup() && !own)) {
        state.invalid = true;
        return state;
    }
    state.focusable = true;
    state.selectable = true;
    const auto isHere = m_view->hasFocus() && m_view->current() == m_stop.card;
    state.focused = isHere && (!isGroup() || own->isFolded);
    state.selected =
        isGroup() ? std::ranges::includes(m_view->selected(), own->cards) : m_view->selected().contains(m_stop.card);
    if (own) {
        state.expandable = true;
        state.expanded = !own->isFolded;
        state.collapsed = own->isFolded;
    }
    const auto shown = isGroup() ? m_view->groupRect(m_stop.group) : m_view->rectOf(m_stop.card);
    state.offscreen = !QRectF(m_view->rect()).intersects(shown);
    return state;
}

QVector<QPair<QAccessibleInterface*, QAccessible::Relation>> StopAccess::relations(QAccessible::Relation match) const
{
    QVector<QPair<QAccessibleInterface*, QAccessible::Relation>> all;
    const auto* canvas = accessOf(*m_view);
    if (isGroup())
        return all;
    for (const auto& relation : m_view->model().relations()) {
        const auto from = m_view->model().cards()[relation.from].id;
        const auto to = m_view->model().cards()[relation.to].id;
        if (relation.kind == design::RelationKind::Within || (from != m_stop.card && to != m_stop.card))
            continue;
        // Who names the other controls it; the flag says what the other one is to this one.
        const auto flag = from == m_stop.card ? QAccessible::Controlled : QAccessible::Controller;
        if (auto* other = match & flag ? canvas->of(from == m_stop.card ? to : from) : nullptr)
            all.append({other, flag});
    }
    return all;
}

QStringList StopAccess::actionNames() const
{
    if (isGroup())
        return {setFocusAction(), pressAction(), selectAction(), renameAction(), ungroupAction()};
    const auto* card = m_view->model().find(m_stop.card);
    QStringList names{setFocusAction(), pressAction(), selectAction()};
    if (card && card->isEditable())
        names << connectAction();
    return names;
}

void StopAccess::doAction(const QString& name)
{
    if (!isValid())
        return;
    if (name == selectAction() && !isGroup()) {
        m_view->toggle(m_stop.card);
        return;
    }
    m_view->setFocus();
    m_view->makeCurrent(m_stop.card);
    if (name == selectAction())
        m_view->selectGroup(m_stop.group);
    else if (name == pressAction() && isGroup())
        m_view->foldSelected();
    else if (name == pressAction())
        emit m_view->activated(m_stop.card);
    else if (name == connectAction())
        m_view->connectWithKeys();
    else if (name == renameAction())
        m_view->renameGroup(m_stop.group);
    else if (name == ungroupAction()) {
        m_view->selectGroup(m_stop.group);
        m_view->ungroupSelected();
    }
}

QStringList StopAccess::keyBindingsForAction(const QString& name) const
{
    if (name == pressAction())
        return {isGroup() ? QStringLiteral("F") : QStringLiteral("Return")};
    if (name == selectAction())
        return {isGroup() ? QStringLiteral("G") : QStringLiteral("Space")};
    if (name == connectAction())
        return {QStringLiteral("C")};
    if (name == renameAction())
        return {QStringLiteral("F2")};
    return name == ungroupAction() ? QStringList{QStringLiteral("Ctrl+Shift+G")} : QStringList();
}

QString StopAccess::localizedActionName(const QString& name) const
{
    if (name == pressAction())
        return isGroup() ? DesignView::tr("Fold or unfold") : DesignView::tr("Edit");
    if (name == selectAction())
        return DesignView::tr("Select");
    if (name == connectAction())
        return DesignView::tr("Connect");
    if (name == renameAction())
        return DesignView::tr("Rename");
    return name == ungroupAction() ? DesignView::tr("Ungroup") : QAccessibleActionInterface::localizedActionName(name);
}

QAccessibleInterface* CanvasAccess::made(const Stop& stop) const
{
    auto& id = m_known[keyOf(stop)];
    if (auto* known = id == 0 ? nullptr : QAccessible::accessibleInterface(id))
        return known;
    auto* fresh = new StopAccess(m_view, stop);
    id = QAccessible::registerAccessibleInterface(fresh); // which owns it from now on
    return fresh;
}

QAccessibleInterface* CanvasAccess::child(int index) const
{
    const auto stops = m_view->stops();
    return index >= 0 && index < static_cast<int>(stops.size()) ? made(stops[static_cast<std::size_t>(index)])
                                                                : nullptr;
}

int CanvasAccess::indexOfChild(const QAccessibleInterface* child) const
{
    const auto stops = m_view->stops();
    const auto found = std::ranges::find_if(stops, [&](const Stop& stop) { return made(stop) == child; });
    return found == stops.end() ? -1 : static_cast<int>(found - stops.begin());
}

QAccessibleInterface* CanvasAccess::childAt(int x, int y) const
{
    const auto stops = m_view->stops();
    for (auto stop = stops.rbegin(); stop != stops.rend(); ++stop) // cards before the group that they are in
        if (auto* access = made(*stop); stop->group.empty() && access->rect().contains(x, y))
            return access;
    for (const auto& stop : stops)
        if (auto* access = made(stop); access->rect().contains(x, y))
            return access;
    return nullptr;
}

/// The group where it is folded, else the card.
int CanvasAccess::currentIndex() const
{
    const auto stops = m_view->stops();
    const auto folded = m_view->model().foldedGroupOf(m_view->current());
    const auto found = std::ranges::find(stops, Stop{m_view->current(), folded});
    return found == stops.end() ? -1 : static_cast<int>(found - stops.begin());
}

QAccessibleInterface* CanvasAccess::focusChild() const
{
    return m_view->hasFocus() ? child(currentIndex()) : nullptr;
}

QAccessibleInterface* CanvasAccess::of(design::CardId card) const
{
    const auto stops = m_view->stops();
    const auto folded = m_view->model().foldedGroupOf(card);
    const auto found = std::ranges::find_if(stops, [&](const Stop& stop) {
        return folded.empty() ? stop.card == card && stop.group.empty() : stop.group == folded;
    });
    return found == stops.end() ? nullptr : made(*found);
}

void CanvasAccess::forget()
{
    QSet<QString> there;
    for (const auto& stop : m_view->stops())
        there.insert(keyOf(stop));
    m_known.removeIf([&](const auto& known) {
        if (there.contains(known.key()))
            return false;
        QAccessible::deleteAccessibleInterface(known.value());
        return true;
    });
}

QAccessibleInterface* makeAccess(const QString& className, QObject* object)
{
    auto* view = className == QLatin1String("keelson::ui::DesignView") ? qobject_cast<DesignView*>(object) : nullptr;
    return view ? new CanvasAccess(view) : nullptr;
}

} // namespace

void installCanvasAccess()
{
    static const bool isInstalled = [] {
        QAccessible::installFactory(makeAccess);
        return true;
    }();
    (void)isInstalled;
}

void tellOfCurrent(DesignView& view)
{
    if (!QAccessible::isActive() || !view.hasFocus())
        return;
    QAccessibleEvent event(&view, QAccessible::Focus);
    event.setChild(accessOf(view)->currentIndex());
    QAccessible::updateAccessibility(&event);
}

void tellOfSelection(DesignView& view)
{
    if (!QAccessible::isActive())
        return;
    QAccessibleEvent event(&view, QAccessible::SelectionWithin);
    QAccessible::updateAccessibility(&event);
}

void tellOfCards(DesignView& view)
{
    if (!QAccessible::isActive())
        return;
    accessOf(view)->forget();
    QAccessibleEvent event(&view, QAccessible::ObjectReorder);
    QAccessible::updateAccessibility(&event);
}

} // namespace keelson::ui
