// SPDX-License-Identifier: GPL-3.0-or-later
// Groups of cards on the canvas: where they are, how they look, and what can be done to them.
#include "designer/design_view.h"

#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace keelson::ui {

using design::CardId;
using design::noCard;

namespace {

constexpr double corner = 11;
constexpr double around = 12;      ///< Between the cards and their frame.
constexpr double titleHeight = 28; ///< Of a frame's upper edge, which holds its name.
constexpr double foldMark = 26;    ///< Of the mark before it, which folds.
constexpr double zoomWords = 0.4;
constexpr int nameWidth = 240;

} // namespace

std::vector<DesignView::Stop> DesignView::stops() const
{
    std::vector<Stop> all;
    std::set<std::string> told;
    for (const auto& card : m_model.cards()) {
        if (!card.isShown())
            continue;
        const auto group = m_model.groupOf(card.id);
        if (!group.empty() && told.insert(group).second)
            all.push_back({*m_model.groups().at(group).cards.begin(), group});
        if (!isFolded(card.id))
            all.push_back({card.id, {}});
    }
    return all;
}

/// Of a folded group its first card stands for all.
CardId DesignView::standIn(CardId card) const
{
    const auto folded = m_model.foldedGroupOf(card);
    return folded.empty() ? card : *m_model.groups().at(folded).cards.begin();
}

CardSet DesignView::spanOf(CardId card) const
{
    const auto folded = m_model.foldedGroupOf(card);
    return folded.empty() ? CardSet{card} : m_model.groups().at(folded).cards;
}

bool DesignView::isInside(const design::Relation& relation) const
{
    const auto from = m_model.foldedGroupOf(m_model.cards()[relation.from].id);
    return !from.empty() && from == m_model.foldedGroupOf(m_model.cards()[relation.to].id);
}

QRectF DesignView::sceneRect(CardId card) const
{
    const auto folded = m_model.foldedGroupOf(card);
    return folded.empty() ? ownRect(card) : groupFrame(folded);
}

QRectF DesignView::groupFrame(const std::string& name) const
{
    const auto group = m_model.groups().find(name);
    QRectF cards;
    if (group != m_model.groups().end())
        for (const auto card : group->second.cards)
            cards |= ownRect(card);
    if (cards.isEmpty())
        return {};
    if (group->second.isFolded)
        return {cards.topLeft(), QSizeF(design::cardWidth, design::cardHeight)};
    return cards.adjusted(-around, -titleHeight - 2, around, around);
}

QRectF DesignView::groupRect(const std::string& name) const
{
    const auto frame = groupFrame(name);
    return {toView(frame.topLeft()), frame.size() * m_zoom};
}

std::string DesignView::groupAt(QPointF point) const
{
    const auto scene = toScene(point);
    for (const auto& [name, group] : m_model.groups()) {
        auto title = groupFrame(name);
        title.setHeight(titleHeight);
        if (!group.isFolded && title.contains(scene))
            return name;
    }
    return {};
}

bool DesignView::isFoldMark(QPointF point, const std::string& name) const
{
    const auto frame = groupFrame(name);
    return QRectF(frame.topLeft(), QSizeF(foldMark, titleHeight)).contains(toScene(point));
}

void DesignView::selectGroup(const std::string& name)
{
    const auto group = m_model.groups().find(name);
    if (group == m_model.groups().end())
        return;
    select(group->second.cards);
    m_current = standIn(*group->second.cards.begin());
}

bool DesignView::hasGroupSelected() const
{
    return std::ranges::any_of(m_selected, [this](CardId card) { return !m_model.groupOf(card).empty(); });
}

/// True when the press is dealt with: on the mark that folds, or on the upper edge, which holds all cards.
bool DesignView::pressGroup(QMouseEvent* event)
{
    const auto name = m_hovered == noCard ? groupAt(event->position()) : m_model.foldedGroupOf(m_hovered);
    if (name.empty())
        return false;
    const bool isShut = m_model.groups().at(name).isFolded;
    if (isFoldMark(event->position(), name)) {
        m_model.fold(name, !isShut);
        return true;
    }
    if (isShut)
        return false; // as a card
    selectGroup(name);
    m_pressedGroup = name;
    m_drag = Drag::Press;
    return true;
}

void DesignView::groupSelected()
{
    const auto name = m_model.group(m_selected);
    if (!name.empty())
        renameGroup(name);
}

void DesignView::ungroupSelected()
{
    m_model.ungroup(m_selected.empty() && m_current != noCard ? CardSet{m_current} : m_selected);
}

void DesignView::foldSelected()
{
    const auto name = m_model.groupOf(m_current);
    if (name.empty())
        return;
    m_model.fold(name, !m_model.groups().at(name).isFolded);
    selectGroup(name);
}

void DesignView::renameGroup(const std::string& group)
{
    const auto name = group.empty() ? m_model.groupOf(m_current) : group;
    const auto rect = groupRect(name).toRect();
    if (rect.isEmpty())
        return;
    m_namedGroup = name;
    m_groupName->setText(toText(name));
    m_groupName->selectAll();
    // Above the cards: it ends where the title does, which is lower on a canvas seen from afar.
    const QSize size(nameWidth, m_groupName->sizeHint().height());
    const int left = std::clamp(rect.left(), 0, std::max(0, width() - size.width()));
    const int top = rect.top() + static_cast<int>(titleHeight * m_zoom) - size.height();
    m_groupName->setGeometry({{left, std::clamp(top, 0, std::max(0, height() - size.height()))}, size});
    m_groupName->show();
    m_groupName->setFocus();
}

void DesignView::endRename(bool isWanted)
{
    const auto from = std::exchange(m_namedGroup, {});
    if (from.empty())
        return;
    const auto to = m_groupName->text().trimmed().toStdString();
    if (m_groupName->hasFocus()) // else it went where it is wanted
        setFocus();
    m_groupName->hide();
    if (!isWanted || to.empty() || to == from)
        return;
    if (m_model.groups().contains(to))
        say(tr("Another group is called %1").arg(toText(to)));
    else
        m_model.renameGroup(from, to);
}

bool DesignView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_groupName && event->type() == QEvent::KeyPress &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        endRename(false);
        return true;
    }
    if (watched == m_groupName && event->type() == QEvent::FocusOut)
        endRename(true);
    return QWidget::eventFilter(watched, event);
}

bool DesignView::handleGroupKey(QKeyEvent* event)
{
    const auto modifiers = event->modifiers();
    if (event->key() == Qt::Key_G && modifiers == Qt::ControlModifier)
        groupSelected();
    else if (event->key() == Qt::Key_G && modifiers == (Qt::ControlModifier | Qt::ShiftModifier))
        ungroupSelected();
    else if (event->key() == Qt::Key_G && modifiers == Qt::NoModifier)
        selectGroup(m_model.groupOf(m_current));
    else if (event->key() == Qt::Key_F && modifiers == Qt::NoModifier)
        foldSelected();
    else if (event->key() == Qt::Key_F2)
        renameGroup({});
    else
        return false;
    return true;
}

/// The mark that folds, the name, and how many there are.
void DesignView::drawGroupTitle(QPainter& painter, const QRectF& line, const std::string& name, bool isShut) const
{
    const auto& tokens = Theme::tokens();
    const double mark = std::clamp(10 / m_zoom, 12.0, 17.0);
    paintIcon(painter, QRectF(line.left() + 16 - mark / 2, line.center().y() - mark / 2, mark, mark),
              isShut ? QStringLiteral("chevron-right") : QStringLiteral("chevron-down"),
              mixed(tokens.text, tokens.muted, 0.4));
    auto font = painter.font();
    font.setPointSizeF(isShut ? 10.5 : std::clamp(9.5 / m_zoom, 9.5, 13.0));
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(tokens.text);
    const auto words = line.adjusted(foldMark, 0, -10, 0);
    const QFontMetricsF metrics(font);
    const auto shown = metrics.elidedText(toText(name), Qt::ElideRight, words.width());
    painter.drawText(words, Qt::AlignVCenter | Qt::AlignLeft, shown);
    if (isShut)
        return;
    font.setWeight(QFont::Normal);
    painter.setFont(font);
    painter.setPen(tokens.muted);
    painter.drawText(words.adjusted(metrics.horizontalAdvance(shown) + 8, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     QString::number(m_model.groups().at(name).cards.size()));
}

void DesignView::drawGroups(QPainter& painter) const
{
    const auto& tokens = Theme::tokens();
    for (const auto& [name, group] : m_model.groups()) {
        const auto frame = groupFrame(name);
        if (group.isFolded || frame.isEmpty())
            continue;
        const bool isSelected = std::ranges::includes(m_selected, group.cards);
        painter.setPen(QPen(isSelected ? tokens.accent : mixed(tokens.border, tokens.accent, 0.35),
                            (isSelected ? 1.6 : 1.2) / std::min(1.0, m_zoom)));
        painter.setBrush(mixed(tokens.window, tokens.accent, 0.07));
        painter.drawRoundedRect(frame, corner, corner);
        if (name != m_namedGroup)
            drawGroupTitle(painter, QRectF(frame.topLeft(), QSizeF(frame.width(), titleHeight)), name, false);
    }
}

/// One box for all, which looks like a pile of cards.
void DesignView::drawFoldedGroups(QPainter& painter) const
{
    const auto& tokens = Theme::tokens();
    for (const auto& [name, group] : m_model.groups()) {
        const auto box = groupFrame(name);
        if (!group.isFolded || box.isEmpty())
            continue;
        const auto first = *group.cards.begin();
        const bool isSelected = std::ranges::includes(m_selected, group.cards);
        painter.setOpacity(isConnecting() ? 0.28 : 1);
        painter.setPen(QPen(isSelected           ? tokens.accent
                            : first == m_hovered ? mixed(tokens.border, tokens.accent, 0.6)
                                                 : mixed(tokens.border, tokens.accent, 0.35),
                            isSelected ? 1.8 : 1.2));
        painter.setBrush(mixed(tokens.surface, tokens.accent, 0.07));
        for (const double behind : {8.0, 4.0, 0.0})
            painter.drawRoundedRect(box.translated(behind, behind), corner - 2, corner - 2);
        int errors = 0;
        int warnings = 0;
        for (const auto card : group.cards) {
            const auto* known = m_model.find(card);
            errors += m_marks.value(card).errors + (known && !known->isEditable() ? 1 : 0);
            warnings += m_marks.value(card).warnings;
        }
        if (m_zoom >= zoomWords) {
            drawGroupTitle(painter, QRectF(box.left(), box.top() + 7, box.width() - 26, titleHeight), name, true);
            auto font = painter.font();
            font.setPointSizeF(8.5);
            font.setWeight(QFont::Normal);
            painter.setFont(font);
            painter.setPen(tokens.muted);
            painter.drawText(QRectF(box.left() + foldMark, box.top() + titleHeight + 5, box.width() - 40, 19),
                             Qt::AlignVCenter | Qt::AlignLeft,
                             tr("%n objects", nullptr, static_cast<int>(group.cards.size())));
        }
        if (errors + warnings > 0)
            paintIcon(painter, QRectF(box.right() - 30, box.top() + 9, 17, 17),
                      errors > 0 ? QStringLiteral("error") : QStringLiteral("warning"),
                      Theme::status(errors > 0 ? StatusRole::Error : StatusRole::Waiting));
        if (first == m_current && hasFocus()) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(tokens.text, 1, Qt::DotLine));
            painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), corner - 4, corner - 4);
        }
        painter.setOpacity(1);
    }
}

} // namespace keelson::ui
