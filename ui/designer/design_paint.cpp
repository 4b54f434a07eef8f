// SPDX-License-Identifier: GPL-3.0-or-later
// How the canvas looks.
#include "designer/design_view.h"

#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace keelson::ui {

using design::CardId;
using design::noCard;

namespace {

constexpr double corner = 9;
constexpr double pictureMargin = 32;
constexpr qsizetype membersNamed = 8;
constexpr double zoomNames = 0.4;   ///< From here on cards have words.
constexpr double zoomFar = 0.2;     ///< From here on they have at least their name, larger.
constexpr double zoomDetails = 0.6; ///< From here on relations have labels.

QColor colorOf(design::RelationKind kind)
{
    const auto& tokens = Theme::tokens();
    switch (kind) {
    case design::RelationKind::Selects:
    case design::RelationKind::Routes:
        return mixed(tokens.accent, tokens.window, 0.15);
    default:
        return mixed(tokens.muted, tokens.border, 0.4);
    }
}

void plate(QPainter& painter, QPointF middle, const QString& text, const QColor& color)
{
    const auto& tokens = Theme::tokens();
    const QFontMetricsF metrics(painter.font());
    const auto shown = metrics.elidedText(text, Qt::ElideMiddle, 150);
    const double width = metrics.horizontalAdvance(shown) + 12;
    const QRectF rect(middle.x() - width / 2, middle.y() - metrics.height() / 2 - 1, width, metrics.height() + 2);
    painter.setPen(QPen(tokens.border, 1));
    painter.setBrush(tokens.window);
    painter.drawRoundedRect(rect, 5, 5);
    painter.setPen(color);
    painter.drawText(rect, Qt::AlignCenter, shown);
}

} // namespace

void DesignView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), Theme::tokens().window);
    const QRectF visible(toScene({0, 0}), toScene(QPointF(width(), height())));
    painter.save();
    painter.translate(m_offset);
    painter.scale(m_zoom, m_zoom);
    drawGround(painter, visible);
    drawCards(painter, visible);
    drawConnecting(painter);
    drawGhost(painter);
    painter.restore();
    if (m_drag == Drag::Band) {
        auto color = Theme::tokens().accent;
        painter.setPen(QPen(color, 1));
        color.setAlphaF(0.12F);
        painter.setBrush(color);
        painter.drawRect(QRectF(m_pressed, m_pointer).normalized());
    }
    drawHoverText(painter);
    drawHint(painter);
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(mixed(Theme::tokens().accent, Theme::tokens().window, 0.35), 1));
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

QSizeF DesignView::pictureSize() const
{
    const auto all = bounds();
    return all.isEmpty() ? QSizeF() : all.adjusted(-pictureMargin, -pictureMargin, pictureMargin, pictureMargin).size();
}

void DesignView::renderAll(QPainter& painter, const QRectF& target)
{
    const auto all = bounds().adjusted(-pictureMargin, -pictureMargin, pictureMargin, pictureMargin);
    const auto zoom = std::exchange(m_zoom, 1);
    const auto selected = std::exchange(m_selected, {});
    const auto current = std::exchange(m_current, noCard);
    const auto hovered = std::exchange(m_hovered, noCard);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double scale = std::min(target.width() / all.width(), target.height() / all.height());
    painter.translate(target.topLeft());
    painter.scale(scale, scale);
    painter.translate(-all.topLeft());
    drawCards(painter, all);
    painter.restore();
    m_zoom = zoom;
    m_selected = selected;
    m_current = current;
    m_hovered = hovered;
}

void DesignView::drawCards(QPainter& painter, const QRectF& visible) const
{
    drawNameSpaces(painter);
    drawGroups(painter);
    drawRelations(painter);
    for (const auto& card : m_model.cards())
        if (card.isShown() && !isFolded(card.id) && sceneRect(card.id).adjusted(-8, -8, 8, 8).intersects(visible))
            drawCard(painter, card);
    drawFoldedGroups(painter);
}

void DesignView::drawGround(QPainter& painter, const QRectF& visible) const
{
    // Dots of the raster, farther apart where they would be too dense.
    double step = design::raster * 2;
    while (step * m_zoom < 18)
        step *= 2;
    painter.setPen(
        QPen(mixed(Theme::tokens().window, Theme::tokens().muted, 0.28), 1.4 / m_zoom, Qt::SolidLine, Qt::RoundCap));
    QVector<QPointF> dots;
    for (double x = std::floor(visible.left() / step) * step; x < visible.right(); x += step)
        for (double y = std::floor(visible.top() / step) * step; y < visible.bottom(); y += step)
            dots << QPointF(x, y);
    painter.drawPoints(dots.constData(), static_cast<int>(dots.size()));
}

/// A frame around each namespace, where there are several and they stand apart.
void DesignView::drawNameSpaces(QPainter& painter) const
{
    if (!m_hasNameSpaces)
        return;
    std::map<std::string, QRectF> frames;
    for (const auto& card : m_model.cards())
        if (card.isShown() && card.namespaced)
            frames[card.object.nameSpace] |= sceneRect(card.id);
    for (auto& [name, frame] : frames)
        frame.adjust(-14, -24, 14, 10);
    for (const auto& [name, frame] : frames)
        for (const auto& [other, rect] : frames)
            if (name != other && frame.intersects(rect))
                return; // they lie over each other: the cards themselves say where they belong
    const auto& tokens = Theme::tokens();
    auto font = painter.font();
    font.setPointSizeF(std::clamp(8.5 / m_zoom, 8.5, 14.0));
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    for (const auto& [name, frame] : frames) {
        painter.setPen(QPen(tokens.border, 1 / std::min(1.0, m_zoom)));
        painter.setBrush(mixed(tokens.window, tokens.surface, 0.5));
        painter.drawRoundedRect(frame, 12, 12);
        painter.setPen(tokens.muted);
        painter.drawText(frame.adjusted(12, 3, -12, 0), Qt::AlignTop | Qt::AlignLeft,
                         QFontMetricsF(font).elidedText(toText(name), Qt::ElideRight, frame.width() - 24));
    }
}

void DesignView::drawRelations(QPainter& painter) const
{
    const auto& relations = m_model.relations();
    const auto touches = [&](const design::Relation& relation, CardId card) {
        return card != noCard && (m_model.cards()[relation.from].id == card || m_model.cards()[relation.to].id == card);
    };
    const auto isMarked = [&](std::size_t i) {
        return static_cast<int>(i) == m_hoveredRelation || (m_relation && *m_relation == relations[i]) ||
               touches(relations[i], m_hovered) ||
               (m_selected.size() == 1 && touches(relations[i], *m_selected.begin()));
    };
    // What is pointed at lies over the rest.
    for (std::size_t i = 0; i < relations.size(); ++i)
        if (!isMarked(i) && !isInside(relations[i]) && relations[i].kind != design::RelationKind::Within)
            drawRelation(painter, relations[i], false);
    for (std::size_t i = 0; i < relations.size(); ++i)
        if (isMarked(i) && !isInside(relations[i]))
            drawRelation(painter, relations[i], true);
}

void DesignView::drawRelation(QPainter& painter, const design::Relation& relation, bool isMarked) const
{
    const auto& tokens = Theme::tokens();
    if (sceneRect(m_model.cards()[relation.from].id).isEmpty() || sceneRect(m_model.cards()[relation.to].id).isEmpty())
        return;
    const auto path = relationPath(relation);
    const bool isChosen = m_relation && *m_relation == relation;
    const auto color = isMarked ? tokens.accent : colorOf(relation.kind);
    painter.setOpacity(isConnecting() && !m_isKeyConnect ? 0.35 : 1);
    const bool isDashed =
        relation.kind == design::RelationKind::Within || relation.kind == design::RelationKind::Scales;
    painter.setPen(QPen(color,
                        (isChosen   ? 3.0
                         : isMarked ? 2.2
                                    : 1.5) /
                            std::min(1.0, std::max(m_zoom, 0.5)),
                        isDashed ? Qt::DashLine : Qt::SolidLine, Qt::RoundCap));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    // The arrow shows who names whom.
    const auto tip = path.pointAtPercent(1);
    const auto before = path.pointAtPercent(path.percentAtLength(std::max(0.0, path.length() - 9)));
    const auto way = tip - before;
    const double length = std::max(0.001, std::hypot(way.x(), way.y()));
    const QPointF ahead = way / length;
    const QPointF aside(-ahead.y(), ahead.x());
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    const QPointF arrow[]{tip, tip - ahead * 9 + aside * 4.5, tip - ahead * 9 - aside * 4.5};
    painter.drawPolygon(arrow, 3);
    if (!relation.label.empty() && (m_zoom >= zoomDetails || isMarked)) {
        auto font = painter.font();
        font.setPointSizeF(8.5);
        painter.setFont(font);
        plate(painter, path.pointAtPercent(0.5), toText(relation.label), isMarked ? tokens.text : tokens.muted);
    }
    painter.setOpacity(1);
}

void DesignView::drawCard(QPainter& painter, const design::Card& card) const
{
    const auto& tokens = Theme::tokens();
    const auto rect = sceneRect(card.id);
    const bool isSelected = m_selected.contains(card.id);
    const bool isTarget = isConnecting() && m_targets.contains(card.id);
    const bool isDimmed = isConnecting() && !isTarget && card.id != m_from;
    const bool isHovered = card.id == m_hovered;
    const auto mark = m_marks.value(card.id);
    const auto problem = mark.errors > 0 || !card.isEditable() ? Theme::status(StatusRole::Error)
                         : mark.warnings > 0                   ? Theme::status(StatusRole::Waiting)
                                                               : QColor();
    painter.setOpacity(isDimmed ? 0.28 : 1);
    if (isSelected || (isTarget && isHovered)) { // a soft ring
        auto ring = tokens.accent;
        ring.setAlphaF(0.22F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(ring);
        painter.drawRoundedRect(rect.adjusted(-4, -4, 4, 4), corner + 4, corner + 4);
    }
    const auto line = isSelected || isTarget ? tokens.accent
                      : problem.isValid()    ? mixed(problem, tokens.surface, 0.25)
                      : isHovered            ? mixed(tokens.border, tokens.accent, 0.6)
                                             : mixed(tokens.border, tokens.muted, 0.25);
    painter.setPen(QPen(line, isSelected || isTarget ? 1.8 : 1.2, card.isEditable() ? Qt::SolidLine : Qt::DashLine));
    painter.setBrush(tokens.surface);
    painter.drawRoundedRect(rect, corner, corner);
    const QRectF square(rect.left() + 10, rect.top() + 14, 36, 36);
    painter.setPen(Qt::NoPen);
    painter.setBrush(mixed(tokens.surface, tokens.accent, 0.13));
    painter.drawRoundedRect(square, 8, 8);
    paintIcon(painter, square.adjusted(8, 8, -8, -8), iconOfKind(card.object.kind),
              readable(tokens.accent, mixed(tokens.surface, tokens.accent, 0.13), 3));
    if (m_zoom >= zoomNames)
        drawWords(painter, card, rect);
    else if (m_zoom >= zoomFar)
        drawFarName(painter, card, rect);
    drawBadges(painter, card, rect);
    drawGhostPods(painter, mark, rect);
    const bool showsPort =
        (isHovered || (isSelected && m_selected.size() == 1) || card.id == m_from) && card.isEditable();
    if (showsPort && m_drag != Drag::Move) {
        painter.setPen(QPen(tokens.surface, 2));
        painter.setBrush(tokens.accent);
        painter.drawEllipse(QPointF(rect.right(), rect.center().y()), 6.5, 6.5);
        painter.setPen(QPen(tokens.accentText, 1.4));
        painter.drawLine(QPointF(rect.right() - 3, rect.center().y()), QPointF(rect.right() + 3, rect.center().y()));
        painter.drawLine(QPointF(rect.right(), rect.center().y() - 3), QPointF(rect.right(), rect.center().y() + 3));
    }
    if (card.id == m_current && hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens.text, 1, Qt::DotLine));
        painter.drawRoundedRect(rect.adjusted(3, 3, -3, -3), corner - 3, corner - 3);
    }
    painter.setOpacity(1);
}

void DesignView::drawWords(QPainter& painter, const design::Card& card, const QRectF& rect) const
{
    const auto& tokens = Theme::tokens();
    const auto mark = m_marks.value(card.id);
    const bool hasBadge = mark.errors + mark.warnings > 0 || !card.isEditable();
    const double markRoom = mark.liveWord.isEmpty() ? 0 : 18; ///< Of the last line.
    auto words = rect.adjusted(56, 9, hasBadge ? -34 : -14, -9);
    auto font = painter.font();
    font.setPointSizeF(10.5);
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(tokens.text);
    const auto name = card.object.name.empty() ? tr("(no name)") : toText(card.object.name);
    const bool isThree = m_hasNameSpaces && card.namespaced && card.isEditable();
    const double lineHeight = isThree ? 15.5 : 19;
    const double top = words.center().y() - lineHeight * (isThree ? 1.5 : 1.0);
    QRectF line(words.left(), top, words.width(), lineHeight);
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(font).elidedText(name, Qt::ElideMiddle, line.width()));
    font.setPointSizeF(8.5);
    font.setWeight(QFont::Normal);
    painter.setFont(font);
    line.translate(0, lineHeight);
    const auto kind = card.object.kind.empty() ? tr("Document %1").arg(card.document + 1) : toText(card.object.kind);
    const auto summary = toText(design::summaryOf(card));
    painter.setPen(tokens.muted);
    const auto second = card.isEditable() ? (summary.isEmpty() ? kind : kind + QStringLiteral(" · ") + summary)
                                          : tr("text has an error");
    if (!card.isEditable())
        painter.setPen(Theme::statusText(StatusRole::Error, tokens.surface));
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(font).elidedText(second, Qt::ElideRight, line.width() - (isThree ? 0 : markRoom)));
    if (!isThree)
        return;
    line.translate(0, lineHeight);
    paintIcon(painter, QRectF(line.left(), line.center().y() - 5, 10, 10), QStringLiteral("namespace"), tokens.muted);
    line.adjust(14, 0, -markRoom, 0);
    painter.setPen(tokens.muted);
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(font).elidedText(toText(card.object.nameSpace), Qt::ElideRight, line.width()));
}

void DesignView::drawFarName(QPainter& painter, const design::Card& card, const QRectF& rect) const
{
    auto font = painter.font();
    font.setPixelSize(static_cast<int>(std::clamp(9 / m_zoom, 18.0, 34.0)));
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(Theme::tokens().text);
    const auto words = rect.adjusted(54, 4, m_marks.value(card.id).liveWord.isEmpty() ? -8 : -26, -4);
    painter.drawText(words, Qt::AlignVCenter | Qt::AlignLeft,
                     QFontMetricsF(font).elidedText(toText(card.object.name), Qt::ElideMiddle, words.width()));
}

void DesignView::drawBadges(QPainter& painter, const design::Card& card, const QRectF& rect) const
{
    const auto mark = m_marks.value(card.id);
    const auto badge = [&](const QRectF& place, StatusRole role, const QString& glyph) {
        paintIcon(painter, place, glyph, Theme::status(role));
    };
    if (mark.errors > 0 || !card.isEditable())
        badge({rect.right() - 30, rect.top() + 9, 17, 17}, StatusRole::Error, QStringLiteral("error"));
    else if (mark.warnings > 0)
        badge({rect.right() - 30, rect.top() + 9, 17, 17}, StatusRole::Waiting, QStringLiteral("warning"));
    if (!mark.liveWord.isEmpty()) { // larger when all is small, else nobody sees what differs
        const double size = std::clamp(9 / m_zoom, 13.0, 22.0);
        badge({rect.right() - 15 - size, rect.bottom() - 10 - size, size, size}, mark.liveRole,
              Theme::statusIcon(mark.liveRole));
    }
}

/// Dashed, since they are not there.
void DesignView::drawGhostPods(QPainter& painter, const CardMark& mark, const QRectF& rect) const
{
    if (m_zoom < zoomNames || (mark.ghosts.isEmpty() && mark.ghostRefusal.isEmpty()))
        return;
    const auto& tokens = Theme::tokens();
    auto font = painter.font();
    font.setPointSizeF(8);
    font.setWeight(QFont::Normal);
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    double x = rect.left() + 4;
    const auto chip = [&](const QString& glyph, const QString& text, const QColor& color) {
        const double room = rect.right() - 4 - x;
        if (room < 40)
            return false;
        const auto shown = metrics.elidedText(text, Qt::ElideMiddle, room - 26);
        const QRectF box(x, rect.bottom() + 6, metrics.horizontalAdvance(shown) + 26, 18);
        painter.setPen(QPen(color, 1, Qt::DashLine));
        painter.setBrush(tokens.window);
        painter.drawRoundedRect(box, 9, 9);
        paintIcon(painter, QRectF(box.left() + 6, box.center().y() - 5.5, 11, 11), glyph, color);
        painter.setPen(readable(color, tokens.window));
        painter.drawText(box.adjusted(20, 0, -4, 0), Qt::AlignVCenter | Qt::AlignLeft, shown);
        x = box.right() + 5;
        return true;
    };
    if (!mark.ghostRefusal.isEmpty())
        chip(Theme::statusIcon(StatusRole::Waiting), tr("fits nowhere"), Theme::status(StatusRole::Waiting));
    for (const auto& ghost : mark.ghosts)
        if (!chip(QStringLiteral("pod"), ghost, tokens.muted))
            break;
}

void DesignView::drawConnecting(QPainter& painter) const
{
    if (!isConnecting())
        return;
    const auto from = sceneRect(m_from);
    const bool isValid = m_targets.contains(m_hovered);
    QPointF end = toScene(m_pointer);
    if (m_isKeyConnect) {
        const auto to = sceneRect(m_current);
        if (m_current == m_from || to.isEmpty())
            return;
        end = {to.left() >= from.left() ? to.left() : to.right(), to.center().y()};
    }
    // Out of the side that faces the other end.
    const double side = end.x() < from.left() ? -1 : 1;
    const QPointF start(side > 0 ? from.right() : from.left(), from.center().y());
    const double reach = side * std::max(28.0, std::abs(end.x() - start.x()) / 2);
    QPainterPath path(start);
    path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(
        QPen(Theme::tokens().accent, 2.2, isValid || m_isKeyConnect ? Qt::SolidLine : Qt::DashLine, Qt::RoundCap));
    painter.drawPath(path);
    painter.setBrush(Theme::tokens().accent);
    painter.drawEllipse(end, 4, 4);
}

void DesignView::drawGhost(QPainter& painter) const
{
    if (m_ghostKind.isEmpty())
        return;
    const auto& tokens = Theme::tokens();
    const auto place = design::snapped(placeAt(m_ghost));
    const QRectF rect(place.x, place.y, design::cardWidth, design::cardHeight);
    painter.setOpacity(0.75);
    painter.setPen(QPen(tokens.accent, 1.6, Qt::DashLine));
    painter.setBrush(tokens.surface);
    painter.drawRoundedRect(rect, corner, corner);
    paintIcon(painter, QRectF(rect.left() + 18, rect.top() + 22, 20, 20), iconOfKind(m_ghostKind.toStdString()),
              tokens.accent);
    painter.setPen(tokens.text);
    painter.drawText(rect.adjusted(56, 0, -10, 0), Qt::AlignVCenter | Qt::AlignLeft, m_ghostKind);
    painter.setOpacity(1);
}

QString DesignView::hint() const
{
    if (isConnecting() && m_isKeyConnect)
        return m_targets.empty() ? tr("Nothing here can be connected to this card. Escape ends.")
                                 : tr("Arrows choose, Enter connects, Escape ends");
    if (isConnecting() && m_hovered != noCard && m_hovered != m_from && !m_targets.contains(m_hovered)) {
        const auto from = m_model.indexOf(m_from);
        const auto to = m_model.indexOf(m_hovered);
        return from && to ? toText(design::whyNoOffer(m_model.cards(), *from, *to)) : QString();
    }
    if (isConnecting())
        return m_targets.empty() ? tr("Nothing here can be connected to this card")
                                 : tr("Drop it on a card that is lit");
    if (!m_notice.isEmpty())
        return m_notice;
    if (m_relation)
        return tr("Delete ends this relation");
    return {};
}

void DesignView::drawHint(QPainter& painter) const
{
    const auto text = hint();
    if (text.isEmpty())
        return;
    const auto& tokens = Theme::tokens();
    painter.setFont(font());
    const QFontMetricsF metrics(font());
    const double wide = std::min(metrics.horizontalAdvance(text) + 28, width() - 24.0);
    const QRectF rect((width() - wide) / 2, height() - 44, wide, 30);
    painter.setPen(QPen(tokens.border, 1));
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(rect, 15, 15);
    painter.setPen(tokens.text);
    painter.drawText(rect, Qt::AlignCenter, metrics.elidedText(text, Qt::ElideRight, wide - 24));
}

QVector<std::pair<QString, QColor>> DesignView::hoverLines(const design::Card& card) const
{
    const auto& tokens = Theme::tokens();
    QVector<std::pair<QString, QColor>> lines;
    if (const auto folded = m_model.foldedGroupOf(card.id); !folded.empty()) {
        for (const auto id : m_model.groups().at(folded).cards)
            if (const auto* member = m_model.find(id); member && lines.size() < membersNamed)
                lines.append({toText(member->object.text()), tokens.text});
        if (const auto more = static_cast<int>(m_model.groups().at(folded).cards.size() - lines.size()); more > 0)
            lines.append({tr("and %n more", nullptr, more), tokens.muted});
        return lines;
    }
    const auto mark = m_marks.value(card.id);
    if (!card.isEditable())
        lines.append({toText(card.problem), Theme::statusText(StatusRole::Error, tokens.raised)});
    else if (!mark.problem.isEmpty())
        lines.append({mark.problem,
                      Theme::statusText(mark.errors > 0 ? StatusRole::Error : StatusRole::Waiting, tokens.raised)});
    if (const int more = mark.errors + mark.warnings - 1; more > 0 && card.isEditable())
        lines.append({tr("and %n more", nullptr, more), tokens.muted});
    if (!mark.liveWord.isEmpty())
        lines.append({mark.liveDetail.isEmpty() ? mark.liveWord : mark.liveDetail, tokens.muted});
    if (!mark.ghostRefusal.isEmpty())
        lines.append({mark.ghostRefusal, Theme::statusText(StatusRole::Waiting, tokens.raised)});
    for (const auto& line : mark.ghostDetails)
        lines.append({line, tokens.muted});
    if (toText(card.object.name).size() > 22)
        lines.prepend({toText(card.object.name), tokens.text});
    return lines;
}

void DesignView::drawHoverText(QPainter& painter) const
{
    const auto* card = m_drag == Drag::None && !isConnecting() ? m_model.find(m_hovered) : nullptr;
    if (!card)
        return;
    const auto& tokens = Theme::tokens();
    auto lines = hoverLines(*card);
    if (lines.isEmpty())
        return;
    painter.setFont(font());
    const QFontMetricsF metrics(font());
    double widest = 0;
    for (auto& [text, color] : lines) {
        text = metrics.elidedText(text, Qt::ElideRight, 420);
        widest = std::max(widest, metrics.horizontalAdvance(text));
    }
    const double lineHeight = metrics.height() + 3;
    const auto at = rectOf(card->id);
    QRectF rect(at.left(), at.bottom() + 7, widest + 24, static_cast<double>(lines.size()) * lineHeight + 12);
    if (rect.bottom() > height() - 6)
        rect.moveBottom(at.top() - 7);
    rect.moveLeft(std::clamp(rect.left(), 6.0, std::max(6.0, width() - rect.width() - 6)));
    painter.setPen(tokens.border);
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(rect, 7, 7);
    double y = rect.top() + 6;
    for (const auto& [text, color] : lines) {
        painter.setPen(color);
        painter.drawText(QRectF(rect.left() + 12, y, widest + 2, lineHeight), Qt::AlignVCenter, text);
        y += lineHeight;
    }
}

} // namespace keelson::ui
