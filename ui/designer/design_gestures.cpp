// SPDX-License-Identifier: GPL-3.0-or-later
// What the canvas does with the mouse and the keys.
#include "designer/canvas_access.h"
#include "designer/design_view.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace keelson::ui {

using design::CardId;
using design::noCard;

namespace {

constexpr double dragAfter = 5;
constexpr double stepIn = 1.25;

bool isExtending(Qt::KeyboardModifiers modifiers)
{
    return modifiers & (Qt::ShiftModifier | Qt::ControlModifier);
}

} // namespace

void DesignView::hover(QPointF point)
{
    const auto card = cardAt(point);
    // The port stands half outside its card.
    const auto now = card == noCard && m_hovered != noCard && isPort(point, m_hovered) ? m_hovered : card;
    const int relation = now == noCard ? relationAt(point) : -1;
    if (now == m_hovered && relation == m_hoveredRelation)
        return;
    m_hovered = now;
    m_hoveredRelation = relation;
    setCursor(isPort(point, now)               ? Qt::CrossCursor
              : now != noCard || relation >= 0 ? Qt::PointingHandCursor
                                               : Qt::ArrowCursor);
    update();
}

void DesignView::setCurrent(CardId card)
{
    m_current = card;
    reveal(card);
    update();
    tellOfCurrent(*this);
}

void DesignView::makeCurrent(CardId card)
{
    setCurrent(standIn(card));
}

void DesignView::toggle(CardId card)
{
    const auto span = spanOf(card);
    auto selected = m_selected;
    const bool isSelected = std::ranges::includes(selected, span);
    for (const auto each : span)
        if (isSelected)
            selected.erase(each);
        else
            selected.insert(each);
    select(selected);
    m_current = standIn(card);
}

void DesignView::mousePressEvent(QMouseEvent* event)
{
    m_pressed = m_pointer = event->position();
    m_offsetAtPress = m_offset;
    m_selectedBefore = m_selected;
    if (event->button() == Qt::MiddleButton) {
        m_drag = Drag::Pan;
        setCursor(Qt::ClosedHandCursor);
        return;
    }
    hover(event->position());
    if (event->button() == Qt::RightButton && m_hovered != noCard && !m_selected.contains(m_hovered))
        select(spanOf(m_hovered));
    if (event->button() == Qt::RightButton && m_hovered == noCard && !groupAt(event->position()).empty())
        selectGroup(groupAt(event->position()));
    if (event->button() != Qt::LeftButton)
        return;
    if (isConnecting()) { // begun from the menu or with a key: the click chooses
        finishConnecting(m_hovered, event->globalPosition().toPoint());
        return;
    }
    if (m_hovered != noCard && isPort(event->position(), m_hovered)) {
        m_drag = Drag::Connect;
        startConnecting(m_hovered);
        return;
    }
    if (pressGroup(event))
        return;
    m_drag = Drag::Press;
    if (m_hovered != noCard && isExtending(event->modifiers()))
        toggle(m_hovered);
    else if (m_hovered != noCard && !m_selected.contains(m_hovered))
        select(spanOf(m_hovered));
    if (m_hovered != noCard)
        m_current = m_hovered;
}

void DesignView::mouseMoveEvent(QMouseEvent* event)
{
    m_pointer = event->position();
    const auto way = event->position() - m_pressed;
    if (m_drag == Drag::Press && way.manhattanLength() > dragAfter) {
        const bool isHeld = m_hovered != noCard && m_selected.contains(m_hovered);
        m_drag = isHeld || !m_pressedGroup.empty() ? Drag::Move : Drag::Band;
        m_dragged.clear();
        if (m_drag == Drag::Move)
            for (const auto card : m_selected)
                if (const auto place = m_model.places().find(card); place != m_model.places().end())
                    m_dragged.insert(*place);
        m_isViewChosen = true;
    }
    switch (m_drag) {
    case Drag::None:
    case Drag::Press:
        hover(event->position());
        if (m_hovered == noCard && !groupAt(event->position()).empty())
            setCursor(Qt::PointingHandCursor);
        else if (m_hovered == noCard && m_hoveredRelation < 0)
            setCursor(Qt::ArrowCursor);
        if (isConnecting())
            update();
        break;
    case Drag::Pan:
        m_offset = m_offsetAtPress + way;
        m_isViewChosen = true;
        update();
        break;
    case Drag::Move: {
        const auto by = design::snapped({way.x() / m_zoom, way.y() / m_zoom});
        m_dragBy = {by.x, by.y};
        setCursor(Qt::SizeAllCursor);
        update();
        break;
    }
    case Drag::Band:
        selectBand(event->modifiers());
        update();
        break;
    case Drag::Connect:
        m_hovered = cardAt(event->position());
        update();
        break;
    }
}

void DesignView::selectBand(Qt::KeyboardModifiers modifiers)
{
    const auto band = QRectF(m_pressed, m_pointer).normalized();
    CardSet selected = isExtending(modifiers) ? m_selectedBefore : CardSet();
    for (const auto& card : m_model.cards())
        if (card.isShown() && rectOf(card.id).intersects(band))
            selected.insert(card.id);
    select(selected);
}

void DesignView::mouseReleaseEvent(QMouseEvent* event)
{
    const auto drag = std::exchange(m_drag, Drag::None);
    const bool isOfGroup = !std::exchange(m_pressedGroup, {}).empty();
    setCursor(Qt::ArrowCursor);
    switch (drag) {
    case Drag::Move: {
        design::Places places;
        for (const auto& [id, place] : m_dragged)
            places[id] = {place.x + m_dragBy.x(), place.y + m_dragBy.y()};
        m_dragBy = {};
        m_dragged.clear();
        m_model.move(places);
        break;
    }
    case Drag::Connect:
        finishConnecting(cardAt(event->position()), event->globalPosition().toPoint());
        break;
    case Drag::Press:
        if (isOfGroup)
            break;
        if (m_hovered == noCard && m_hoveredRelation >= 0) {
            select({});
            m_relation = m_model.relations()[static_cast<std::size_t>(m_hoveredRelation)];
            emit selectionChanged();
        } else if (m_hovered == noCard && !isExtending(event->modifiers())) {
            const bool hadRelation = m_relation.has_value();
            select({});
            if (hadRelation)
                emit selectionChanged();
        } else if (m_hovered != noCard && !isExtending(event->modifiers())) {
            select(spanOf(m_hovered));
        }
        break;
    default:
        break;
    }
    hover(event->position());
    update();
}

void DesignView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const auto card = cardAt(event->position());
    if (event->button() != Qt::LeftButton)
        return;
    if (card != noCard && isFolded(card))
        m_model.fold(m_model.foldedGroupOf(card), false);
    else if (card != noCard)
        emit activated(card);
    else if (const auto group = groupAt(event->position()); !group.empty())
        renameGroup(group);
}

void DesignView::contextMenuEvent(QContextMenuEvent* event)
{
    const bool isByKey = event->reason() == QContextMenuEvent::Keyboard;
    const auto at =
        isByKey && m_current != noCard ? mapToGlobal(rectOf(m_current).center().toPoint()) : event->globalPos();
    emit menuRequested(at);
}

void DesignView::wheelEvent(QWheelEvent* event)
{
    const auto turned = event->angleDelta();
    if (event->modifiers() & Qt::ControlModifier) {
        zoomBy(std::pow(1.0015, turned.y()), event->position());
    } else {
        const bool isAside = event->modifiers() & Qt::ShiftModifier;
        m_offset += isAside && turned.x() == 0 ? QPointF(turned.y(), 0) / 2 : QPointF(turned) / 2;
        m_isViewChosen = true;
        update();
    }
    event->accept();
}

void DesignView::moveCurrent(int dx, int dy, bool isExtending)
{
    const auto from =
        m_current != noCard ? sceneRect(m_current).center() : toScene(QPointF(width() / 2.0, height() / 2.0));
    CardId best = noCard;
    double bestCost = 0;
    for (const auto& card : m_model.cards()) {
        if (!card.isShown() || card.id == m_current || standIn(card.id) != card.id ||
            (isConnecting() && !m_targets.contains(card.id)))
            continue;
        const auto way = sceneRect(card.id).center() - from;
        const double ahead = way.x() * dx + way.y() * dy;
        if (m_current != noCard && ahead <= 1)
            continue;
        const double cost = std::abs(ahead) + 3 * std::abs(way.x() * dy + way.y() * dx);
        if (best == noCard || cost < bestCost) {
            best = card.id;
            bestCost = cost;
        }
    }
    if (best == noCard)
        return;
    setCurrent(best);
    if (isConnecting())
        return;
    auto selected = isExtending ? m_selected : CardSet();
    selected.merge(spanOf(best));
    select(selected);
    m_current = best;
}

void DesignView::moveCards(int dx, int dy)
{
    design::Places places;
    for (const auto card : m_selected)
        if (const auto place = m_model.places().find(card); place != m_model.places().end())
            places[card] = {place->second.x + dx * design::raster, place->second.y + dy * design::raster};
    m_isViewChosen = true;
    m_model.move(places);
    reveal(m_current);
}

/// The next card in the order of the documents.
void DesignView::cycle(bool forward)
{
    std::vector<CardId> ring;
    for (const auto& card : m_model.cards())
        if (card.isShown() && standIn(card.id) == card.id && (!isConnecting() || m_targets.contains(card.id)))
            ring.push_back(card.id);
    if (ring.empty())
        return;
    const auto here = std::ranges::find(ring, m_current);
    const auto index = here == ring.end()
                           ? (forward ? 0 : ring.size() - 1)
                           : static_cast<std::size_t>(here - ring.begin()) + (forward ? 1 : ring.size() - 1);
    const auto next = ring[index % ring.size()];
    setCurrent(next);
    if (!isConnecting())
        select(spanOf(next));
}

QList<KeyHelp> DesignView::keys()
{
    return {
        {tr("To the next object"), {Qt::Key_N, Qt::Key_P}},
        {tr("To the one beside it"), {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down}},
        {tr("Move it"), {QKeySequence(QStringLiteral("Ctrl+Left"))}},
        {tr("Open its form"), {Qt::Key_Return}},
        {tr("Select it"), {Qt::Key_Space}},
        {tr("Select all"), {QKeySequence::SelectAll}},
        {tr("Connect"), {Qt::Key_C}},
        {tr("Duplicate"), {QKeySequence(QStringLiteral("Ctrl+D"))}},
        {tr("Delete"), {Qt::Key_Delete}},
        {tr("Undo, redo"), {QKeySequence(QStringLiteral("Ctrl+Z")), QKeySequence(QStringLiteral("Ctrl+Y"))}},
        {tr("Group, ungroup"), {QKeySequence(QStringLiteral("Ctrl+G")), QKeySequence(QStringLiteral("Ctrl+Shift+G"))}},
        {tr("Select its group"), {Qt::Key_G}},
        {tr("Fold its group"), {Qt::Key_F}},
        {tr("Rename its group"), {Qt::Key_F2}},
        {tr("Lay out anew"), {Qt::Key_L}},
        {tr("Larger, smaller"), {Qt::Key_Plus, Qt::Key_Minus}},
        {tr("Show all"), {Qt::Key_0}}};
}

bool DesignView::handleEditKey(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Undo))
        m_model.undo();
    else if (event->matches(QKeySequence::Redo) ||
             (event->key() == Qt::Key_Y && event->modifiers() == Qt::ControlModifier))
        m_model.redo();
    else if (event->matches(QKeySequence::Copy))
        emit copyRequested();
    else if (event->matches(QKeySequence::Cut))
        emit cutRequested();
    else if (event->matches(QKeySequence::Paste))
        emit pasteRequested();
    else if (event->key() == Qt::Key_D && event->modifiers() == Qt::ControlModifier)
        emit duplicateRequested();
    else if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)
        emit removeRequested();
    else if (event->matches(QKeySequence::SelectAll)) {
        CardSet all;
        for (const auto& card : m_model.cards())
            if (card.isShown())
                all.insert(card.id);
        select(all);
    } else
        return false;
    return true;
}

bool DesignView::handleMoveKey(QKeyEvent* event)
{
    int dx = 0;
    int dy = 0;
    switch (event->key()) {
    case Qt::Key_Left:
        dx = -1;
        break;
    case Qt::Key_Right:
        dx = 1;
        break;
    case Qt::Key_Up:
        dy = -1;
        break;
    case Qt::Key_Down:
        dy = 1;
        break;
    default:
        return false;
    }
    if (event->modifiers() & Qt::ControlModifier)
        moveCards(dx, dy);
    else
        moveCurrent(dx, dy, event->modifiers() & Qt::ShiftModifier);
    return true;
}

void DesignView::connectWithKeys()
{
    m_isKeyConnect = true;
    startConnecting(m_current);
    if (!m_targets.empty())
        cycle(true);
}

bool DesignView::handleViewKey(QKeyEvent* event)
{
    const QPointF middle(width() / 2.0, height() / 2.0);
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(stepIn, middle);
        return true;
    case Qt::Key_Minus:
        zoomBy(1 / stepIn, middle);
        return true;
    case Qt::Key_0:
        fit();
        return true;
    case Qt::Key_N:
        cycle(true);
        return true;
    case Qt::Key_P:
        cycle(false);
        return true;
    case Qt::Key_L:
        m_model.arrange(static_cast<double>(width()) / std::max(1, height()));
        fit();
        return true;
    case Qt::Key_C:
        if (m_current == noCard || isFolded(m_current) || event->modifiers() != Qt::NoModifier)
            return false;
        connectWithKeys();
        return true;
    default:
        return false;
    }
}

void DesignView::keyPressEvent(QKeyEvent* event)
{
    if (handleMoveKey(event) || handleEditKey(event) || handleGroupKey(event))
        return;
    if (event->key() == Qt::Key_Escape &&
        (isConnecting() || m_drag != Drag::None || !m_selected.empty() || m_relation)) {
        escape();
        return;
    }
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (isConnecting() && m_isKeyConnect)
            finishConnecting(m_current, mapToGlobal(rectOf(m_current).center().toPoint()));
        else if (m_current != noCard && isFolded(m_current))
            foldSelected();
        else if (m_current != noCard)
            emit activated(m_current);
        return;
    }
    if (event->key() == Qt::Key_Space && !event->isAutoRepeat() && m_current != noCard) {
        toggle(m_current);
        return;
    }
    if (!handleViewKey(event))
        QWidget::keyPressEvent(event);
}

void DesignView::escape()
{
    const bool wasBusy = isConnecting() || m_drag != Drag::None;
    const auto from = m_from;
    const bool wasByKey = m_isKeyConnect;
    m_drag = Drag::None;
    m_dragBy = {};
    m_dragged.clear();
    stopConnecting();
    if (wasByKey)
        setCurrent(from);
    if (!wasBusy) {
        m_relation.reset();
        select({});
    }
}

bool DesignView::event(QEvent* event)
{
    // The window's own keys must not take what belongs to the canvas while it has the focus.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        constexpr int own[]{Qt::Key_Z, Qt::Key_Y, Qt::Key_C,    Qt::Key_X,     Qt::Key_V,  Qt::Key_D,
                            Qt::Key_A, Qt::Key_G, Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down};
        const bool isEdit = key->modifiers() & Qt::ControlModifier && !(key->modifiers() & Qt::AltModifier) &&
                            std::ranges::find(own, key->key()) != std::end(own);
        const bool isPlain = !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) &&
                             (key->key() < Qt::Key_F1 || key->key() > Qt::Key_F35 || key->key() == Qt::Key_F2);
        if (isEdit || isPlain) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void DesignView::leaveEvent(QEvent*)
{
    m_hovered = noCard;
    m_hoveredRelation = -1;
    update();
}

} // namespace keelson::ui
