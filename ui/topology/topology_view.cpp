// SPDX-License-Identifier: GPL-3.0-or-later
#include "topology/topology_view.h"

#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace keelson::ui {

namespace {

constexpr double zoomMin = 0.04;
constexpr double zoomMax = 3;
constexpr double zoomNames = 0.34;  ///< From here on cards have names.
constexpr double zoomDetails = 0.7; ///< From here on they have details and edges have labels.
constexpr double zoomGroups = 0.12; ///< Below, only groups are told apart.
constexpr int moveMs = 180;

QString iconOf(GraphNode::Kind kind)
{
    static const char* const names[] = {"service", "deployment", "replicaset", "pod", "pod", "node"};
    return QString::fromLatin1(names[static_cast<int>(kind)]);
}

void addCurve(QPainterPath& path, const QRectF& from, const QRectF& to)
{
    const bool isForward = from.center().x() <= to.center().x();
    const QPointF a(isForward ? from.right() : from.left(), from.center().y());
    const QPointF b(isForward ? to.left() : to.right(), to.center().y());
    const qreal bend = std::max(24.0, std::abs(b.x() - a.x()) / 2) * (isForward ? 1 : -1);
    path.moveTo(a);
    path.cubicTo(a + QPointF(bend, 0), b - QPointF(bend, 0), b);
}

QRectF between(const QRectF& a, const QRectF& b, double share)
{
    return {a.topLeft() + (b.topLeft() - a.topLeft()) * share, b.size()};
}

} // namespace

TopologyView::TopologyView(const Clock& clock, QWidget* parent) : QWidget(parent), m_clock(clock)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Topology"));
    setAccessibleDescription(tr("A map of the cluster. The outline beside it holds the same as a tree."));
    m_move.setStartValue(0.0);
    m_move.setEndValue(1.0);
    m_move.setDuration(moveMs);
    connect(&m_move, &QVariantAnimation::valueChanged, this, [this](const QVariant& value) {
        m_moved = value.toDouble();
        rebuildEdges();
        update();
    });
}

void TopologyView::setGraph(Graph graph)
{
    QHash<QString, QRectF> from;
    bool isMoving = false;
    for (const auto& node : std::as_const(m_graph.nodes))
        from.insert(node.id, node.rect);
    for (const auto& node : std::as_const(graph.nodes))
        if (const auto it = from.constFind(node.id); it != from.constEnd() && it->topLeft() != node.rect.topLeft())
            isMoving = true;
    const auto hovered = m_hovered >= 0 && m_hovered < m_graph.nodes.size() ? m_graph.nodes[m_hovered].id : QString();
    m_graph = std::move(graph);
    m_hovered = hovered.isEmpty() ? -1 : m_graph.indexOf(hovered);
    const bool mayMove = style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this) > 0;
    if (isMoving && mayMove && isVisible()) {
        m_from = std::move(from);
        m_moved = 0;
        m_move.stop();
        m_move.start();
    } else {
        m_from.clear();
        m_moved = 1;
    }
    rebuildEdges();
    if (!m_isViewChosen)
        fit();
    update();
}

void TopologyView::rebuildEdges()
{
    m_selects = {};
    m_owns = {};
    const auto rectOf = [this](int index) {
        const auto& node = m_graph.nodes[index];
        return m_moved < 1 ? between(m_from.value(node.id, node.rect), node.rect, m_moved) : node.rect;
    };
    // What leads out of a group is drawn when one of its ends is pointed at: all at once it would hide the map.
    for (const auto& edge : std::as_const(m_graph.edges))
        if (edge.kind != GraphEdge::Kind::RunsOn && m_graph.nodes[edge.from].group == m_graph.nodes[edge.to].group)
            addCurve(edge.kind == GraphEdge::Kind::Selects ? m_selects : m_owns, rectOf(edge.from), rectOf(edge.to));
}

void TopologyView::setSearch(const QString& text)
{
    m_search = text;
    update();
}

void TopologyView::select(const QString& id, bool reveal)
{
    m_selected = id;
    const int index = m_graph.indexOf(id);
    if (reveal && index >= 0) {
        m_isViewChosen = true;
        m_zoom = std::max(m_zoom, 0.8);
        m_offset = QPointF(width() / 2.0, height() / 2.0) - m_graph.nodes[index].rect.center() * m_zoom;
    }
    update();
}

void TopologyView::fit()
{
    if (m_graph.bounds.isEmpty() || width() < 50)
        return;
    m_zoom = std::clamp(std::min((width() - 48) / m_graph.bounds.width(), (height() - 48) / m_graph.bounds.height()),
                        zoomMin, 1.15);
    m_offset = QPointF(width() / 2.0, height() / 2.0) - m_graph.bounds.center() * m_zoom;
    m_offset.setY(std::min(m_offset.y(), 20 - m_graph.bounds.top() * m_zoom)); // begins at the top, as a page does
    m_isViewChosen = false;
    update();
}

void TopologyView::zoomBy(double factor, QPointF about)
{
    const auto fixed = toScene(about);
    m_zoom = std::clamp(m_zoom * factor, zoomMin, zoomMax);
    m_offset = about - fixed * m_zoom;
    m_isViewChosen = true;
    update();
}

int TopologyView::nodeAt(QPointF point) const
{
    for (int i = static_cast<int>(m_graph.nodes.size()) - 1; i >= 0; --i)
        if (m_graph.nodes[i].rect.contains(point))
            return i;
    return -1;
}

bool TopologyView::isDimmed(const GraphNode& node) const
{
    if (m_search.isEmpty())
        return false;
    if (node.title.contains(m_search, Qt::CaseInsensitive) ||
        (node.item && node.item->name.contains(m_search, Qt::CaseInsensitive)))
        return false;
    return std::ranges::none_of(
        node.pods, [this](const ItemPtr& pod) { return pod->name.contains(m_search, Qt::CaseInsensitive); });
}

void TopologyView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), Theme::tokens().window);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(m_offset);
    painter.scale(m_zoom, m_zoom);
    const QRectF visible(toScene({0, 0}), toScene(QPointF(width(), height())));
    drawGroups(painter, visible);
    if (m_zoom >= zoomGroups) {
        drawEdges(painter);
        drawNodes(painter, visible);
        drawFocusEdges(painter);
    }
    drawTitles(painter, visible);
    painter.resetTransform();
    drawHoverCard(painter);
}

void TopologyView::renderAll(QPainter& painter, const QRectF& target)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const double scale = std::min(target.width() / m_graph.bounds.width(), target.height() / m_graph.bounds.height());
    painter.translate(target.topLeft());
    painter.scale(scale, scale);
    painter.translate(-m_graph.bounds.topLeft());
    const auto zoom = std::exchange(m_zoom, 1);
    drawGroups(painter, m_graph.bounds);
    drawEdges(painter);
    drawNodes(painter, m_graph.bounds);
    drawTitles(painter, m_graph.bounds);
    m_zoom = zoom;
    painter.restore();
}

void TopologyView::drawGroups(QPainter& painter, const QRectF& visible) const
{
    const auto& tokens = Theme::tokens();
    for (const auto& group : m_graph.groups) {
        if (!group.rect.intersects(visible))
            continue;
        painter.setPen(QPen(tokens.border, 1 / std::min(1.0, m_zoom)));
        painter.setBrush(mixed(tokens.window, tokens.surface, 0.55));
        painter.drawRoundedRect(group.rect, 12, 12);
    }
}

void TopologyView::drawTitles(QPainter& painter, const QRectF& visible) const
{
    const auto& tokens = Theme::tokens();
    auto font = painter.font();
    for (const auto& group : m_graph.groups) {
        if (!group.rect.intersects(visible))
            continue;
        // Farther away the name grows, so that it can still be read: it stands on the frame then, in a gap of it.
        const bool isFar = m_zoom < zoomNames;
        const bool isOnlyName = m_zoom < zoomGroups;
        font.setPointSizeF(isFar ? 9.5 / m_zoom : std::min(11 * std::max(1.0, 0.75 / m_zoom), 16.0));
        font.setBold(true);
        painter.setFont(font);
        const QFontMetricsF metrics(font);
        auto head = QRectF(group.rect.left() + 20, group.rect.top() + 7, group.rect.width() - 40, 28);
        if (isOnlyName)
            head = group.rect.adjusted(20, 10, -20, -10);
        else if (isFar)
            head = QRectF(group.rect.left() + 8 / m_zoom, group.rect.top() - metrics.height() / 2,
                          group.rect.width() - 16 / m_zoom, metrics.height());
        if (!isFar && group.status.role != StatusRole::Ok && !group.status.word.isEmpty()) {
            paintIcon(painter, QRectF(head.left(), head.center().y() - 8, 16, 16), Theme::statusIcon(group.status.role),
                      Theme::status(group.status.role));
            head.setLeft(head.left() + 22);
        }
        const auto title = metrics.elidedText(group.title, Qt::ElideMiddle,
                                              head.width() * (group.pods.total > 0 && !isFar ? 0.72 : 1));
        if (isFar && !isOnlyName) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(mixed(tokens.window, tokens.surface, 0.55));
            painter.drawRoundedRect(
                QRectF(head.topLeft(), QSizeF(metrics.horizontalAdvance(title) + 8 / m_zoom, head.height())),
                4 / m_zoom, 4 / m_zoom);
            head.setLeft(head.left() + 4 / m_zoom);
        }
        painter.setPen(tokens.text);
        painter.drawText(head, isOnlyName ? Qt::AlignCenter : Qt::AlignVCenter | Qt::AlignLeft, title);
        if (group.pods.total > 0 && !isFar) {
            font.setBold(false);
            font.setPointSizeF(std::min(9 * std::max(1.0, 0.75 / m_zoom), 13.0));
            painter.setFont(font);
            painter.setPen(tokens.muted);
            painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight, tr("%Ln pods", nullptr, group.pods.total));
        } else if (isOnlyName) {
            drawRing(painter, QRectF(group.rect.right() - 120, group.rect.top() + 20, 100, 100), group.pods);
        }
    }
}

void TopologyView::drawEdges(QPainter& painter) const
{
    const auto& tokens = Theme::tokens();
    const double thin = m_zoom < zoomNames ? 0.8 / m_zoom : 1.3;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(mixed(tokens.border, tokens.muted, 0.35), thin));
    painter.drawPath(m_owns);
    painter.setPen(QPen(mixed(tokens.accent, tokens.window, 0.35), thin, Qt::SolidLine));
    painter.drawPath(m_selects);
}

void TopologyView::drawFocusEdges(QPainter& painter) const
{
    // What the pointed or selected node has to do with, its nodes included, is drawn over the rest.
    const int selected = m_selected.isEmpty() ? -1 : m_graph.indexOf(m_selected);
    if (m_hovered < 0 && selected < 0)
        return;
    const auto& tokens = Theme::tokens();
    auto font = painter.font();
    font.setPointSizeF(8.5);
    painter.setFont(font);
    for (const auto& edge : m_graph.edges) {
        const bool isTouched =
            edge.from == m_hovered || edge.to == m_hovered || edge.from == selected || edge.to == selected;
        if (!isTouched)
            continue;
        QPainterPath path;
        const auto& from = m_graph.nodes[edge.from].rect;
        const auto& to = m_graph.nodes[edge.to].rect;
        if (edge.kind == GraphEdge::Kind::RunsOn) {
            path.moveTo(from.center().x(), from.top());
            path.cubicTo(QPointF(from.center().x(), from.top() - 60), QPointF(to.center().x(), to.bottom() + 60),
                         QPointF(to.center().x(), to.bottom()));
        } else {
            addCurve(path, from, to);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(tokens.accent, 1.8 / std::min(1.0, m_zoom),
                            edge.kind == GraphEdge::Kind::RunsOn ? Qt::DashLine : Qt::SolidLine));
        painter.drawPath(path);
        if (!edge.label.isEmpty() && m_zoom >= zoomDetails) {
            const auto middle = path.pointAtPercent(0.5);
            const QFontMetricsF metrics(font);
            const QRectF plate(middle.x() - metrics.horizontalAdvance(edge.label) / 2 - 6, middle.y() - 9,
                               metrics.horizontalAdvance(edge.label) + 12, 18);
            painter.setPen(tokens.border);
            painter.setBrush(tokens.raised);
            painter.drawRoundedRect(plate, 4, 4);
            painter.setPen(tokens.text);
            painter.drawText(plate, Qt::AlignCenter, edge.label);
        }
    }
}

void TopologyView::drawNodes(QPainter& painter, const QRectF& visible) const
{
    for (const auto& node : m_graph.nodes) {
        const auto rect = m_moved < 1 ? between(m_from.value(node.id, node.rect), node.rect, m_moved) : node.rect;
        if (!rect.intersects(visible))
            continue;
        if (m_moved < 1) {
            auto copy = node;
            copy.rect = rect;
            drawNode(painter, copy);
        } else {
            drawNode(painter, node);
        }
    }
}

void TopologyView::drawRing(QPainter& painter, const QRectF& rect, const StatusCounts& counts) const
{
    if (counts.total == 0)
        return;
    double start = 90 * 16;
    painter.setBrush(Qt::NoBrush);
    for (int i = 0; i < statusRoleCount; ++i) {
        const auto role = static_cast<StatusRole>(i);
        if (counts.of(role) == 0)
            continue;
        const double span = std::max(-360.0 * 16, -360.0 * 16 * counts.of(role) / counts.total);
        painter.setPen(QPen(Theme::status(role), rect.width() / 7, Qt::SolidLine, Qt::FlatCap));
        painter.drawArc(rect, static_cast<int>(start), static_cast<int>(span));
        start += span;
    }
}

void TopologyView::drawNode(QPainter& painter, const GraphNode& node) const
{
    const auto& tokens = Theme::tokens();
    const bool isSelected = node.id == m_selected;
    const bool isHovered = m_hovered >= 0 && m_graph.nodes[m_hovered].id == node.id;
    const auto color = Theme::status(node.status.role);
    painter.setOpacity(isDimmed(node) ? 0.22 : 1);
    if (m_zoom < zoomNames) {
        painter.setPen(isSelected ? QPen(tokens.accent, 3 / m_zoom) : QPen(Qt::NoPen));
        painter.setBrush(mixed(tokens.surface, color, node.kind == GraphNode::Kind::Service ? 0.25 : 0.75));
        painter.drawRoundedRect(node.rect, 8, 8);
        painter.setOpacity(1);
        return;
    }
    if (node.kind == GraphNode::Kind::Stack) { // the cards below the first
        painter.setPen(tokens.border);
        painter.setBrush(tokens.raised);
        painter.drawRoundedRect(node.rect.translated(6, 6), 8, 8);
        painter.drawRoundedRect(node.rect.translated(3, 3), 8, 8);
    }
    const bool isWrong = node.status.role == StatusRole::Error || node.status.role == StatusRole::Waiting ||
                         node.status.role == StatusRole::Unknown;
    painter.setPen(QPen(isSelected  ? tokens.accent
                        : isWrong   ? color
                        : isHovered ? mixed(tokens.border, tokens.accent, 0.6)
                                    : tokens.border,
                        isSelected ? 2 : 1.2));
    const auto plain = isWrong ? mixed(tokens.surface, color, 0.09) : tokens.surface;
    painter.setBrush(isSelected ? mixed(tokens.surface, tokens.selection, 0.7) : plain);
    painter.drawRoundedRect(node.rect, 8, 8);
    const QRectF mark(node.rect.left() + 10, node.rect.center().y() - 13, 26, 26);
    if (node.kind == GraphNode::Kind::Stack)
        drawRing(painter, mark.adjusted(2, 2, -2, -2), node.counts);
    else
        paintIcon(painter, mark.adjusted(3, 3, -3, -3), iconOf(node.kind), tokens.muted);
    auto words = node.rect.adjusted(43, 5, -10, -5);
    auto font = painter.font();
    font.setBold(false);
    const bool hasDetail = m_zoom >= zoomDetails && !node.detail.isEmpty();
    if (!hasDetail && node.kind != GraphNode::Kind::Stack && (isWrong || node.kind != GraphNode::Kind::Service)) {
        // Without the words the state still has its sign, never the colour alone.
        const double size = std::clamp(11 / m_zoom, 12.0, 18.0);
        paintIcon(painter, QRectF(words.right() - size + 2, words.center().y() - size / 2, size, size),
                  Theme::statusIcon(node.status.role), color);
        words.setRight(words.right() - size - 2);
    }
    // Alone on its card, and farther away, the name is larger, so that it can still be read.
    font.setPointSizeF(hasDetail ? 10.0 : std::clamp(7.4 / m_zoom, 10.0, 14.0));
    painter.setFont(font);
    painter.setPen(tokens.text);
    const auto title = QFontMetricsF(font).elidedText(node.label, Qt::ElideMiddle, words.width());
    painter.drawText(words, (hasDetail ? Qt::AlignTop : Qt::AlignVCenter) | Qt::AlignLeft, title);
    if (hasDetail) {
        auto line = QRectF(words.left(), words.bottom() - 17, words.width(), 17);
        if (node.kind != GraphNode::Kind::Service) {
            paintIcon(painter, QRectF(line.left(), line.center().y() - 5.5, 11, 11),
                      Theme::statusIcon(node.status.role), color);
            line.setLeft(line.left() + 16);
        }
        font.setPointSizeF(9.0);
        painter.setFont(font);
        painter.setPen(isWrong ? Theme::statusText(node.status.role, tokens.surface) : tokens.muted);
        painter.drawText(line, Qt::AlignVCenter,
                         QFontMetricsF(font).elidedText(node.detail, Qt::ElideRight, line.width()));
    }
    painter.setOpacity(1);
}

void TopologyView::drawHoverCard(QPainter& painter) const
{
    if (m_hovered < 0 || m_hovered >= m_graph.nodes.size() || m_isPanning)
        return;
    const auto lines = wordsOf(m_graph.nodes[m_hovered], m_clock);
    const auto& tokens = Theme::tokens();
    painter.setFont(font());
    const auto metrics = fontMetrics();
    int widest = 0;
    for (const auto& line : lines)
        widest = std::max(widest, metrics.horizontalAdvance(line));
    const int lineHeight = metrics.height() + 3;
    QRectF card(0, 0, widest + 26, static_cast<qreal>(lines.size()) * lineHeight + 18);
    const auto at = m_graph.nodes[m_hovered].rect.bottomLeft() * m_zoom + m_offset + QPointF(0, 8);
    card.moveTopLeft(at);
    if (card.bottom() > height() - 8)
        card.moveBottom((m_graph.nodes[m_hovered].rect.topLeft() * m_zoom + m_offset).y() - 8);
    card.moveLeft(std::clamp(card.left(), 8.0, std::max(8.0, width() - card.width() - 8)));
    painter.setPen(tokens.border);
    painter.setBrush(tokens.raised);
    painter.drawRoundedRect(card, 7, 7);
    int y = static_cast<int>(card.top()) + 9;
    for (int i = 0; i < lines.size(); ++i) {
        painter.setPen(i == 0 ? tokens.text : tokens.muted);
        painter.drawText(QRectF(card.left() + 13, y, widest + 4, lineHeight), Qt::AlignVCenter, lines[i]);
        y += lineHeight;
    }
}

void TopologyView::wheelEvent(QWheelEvent* event)
{
    if (event->angleDelta().y() != 0)
        zoomBy(std::pow(1.0015, event->angleDelta().y()), event->position());
    event->accept();
}

void TopologyView::mousePressEvent(QMouseEvent* event)
{
    m_pressedAt = event->position();
    m_offsetAtPress = m_offset;
}

void TopologyView::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons().testFlag(Qt::LeftButton) &&
        (m_isPanning || (event->position() - m_pressedAt).manhattanLength() > 5)) {
        m_isPanning = true;
        m_isViewChosen = true;
        m_offset = m_offsetAtPress + event->position() - m_pressedAt;
        setCursor(Qt::ClosedHandCursor);
        update();
        return;
    }
    const int now = nodeAt(toScene(event->position()));
    if (now != m_hovered) {
        m_hovered = now;
        setCursor(now >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
        update();
    }
}

void TopologyView::mouseReleaseEvent(QMouseEvent* event)
{
    if (std::exchange(m_isPanning, false)) {
        setCursor(Qt::ArrowCursor);
        return;
    }
    const int index = nodeAt(toScene(event->position()));
    m_selected = index >= 0 ? m_graph.nodes[index].id : QString();
    update();
    if (index >= 0 && event->button() == Qt::LeftButton)
        emit nodeClicked(m_graph.nodes[index]);
}

void TopologyView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const int index = nodeAt(toScene(event->position())); index >= 0)
        emit nodeActivated(m_graph.nodes[index]);
}

void TopologyView::moveSelection(int dx, int dy)
{
    const int current = m_graph.indexOf(m_selected);
    const auto from =
        current >= 0 ? m_graph.nodes[current].rect.center() : toScene(QPointF(width() / 2.0, height() / 2.0));
    int best = -1;
    double bestCost = 0;
    for (int i = 0; i < m_graph.nodes.size(); ++i) {
        const auto way = m_graph.nodes[i].rect.center() - from;
        const double ahead = way.x() * dx + way.y() * dy;
        if (i == current || (current >= 0 && ahead <= 1))
            continue;
        const double cost = ahead + 3 * std::abs(way.x() * dy + way.y() * dx);
        if (best < 0 || cost < bestCost) {
            best = i;
            bestCost = cost;
        }
    }
    if (best < 0)
        return;
    m_selected = m_graph.nodes[best].id;
    const auto at = m_graph.nodes[best].rect.center() * m_zoom + m_offset;
    if (!QRectF(rect()).adjusted(40, 40, -40, -40).contains(at))
        m_offset += QPointF(width() / 2.0, height() / 2.0) - at;
    emit nodeClicked(m_graph.nodes[best]);
    update();
}

void TopologyView::keyPressEvent(QKeyEvent* event)
{
    const QPointF middle(width() / 2.0, height() / 2.0);
    switch (event->key()) {
    case Qt::Key_Left:
        moveSelection(-1, 0);
        return;
    case Qt::Key_Right:
        moveSelection(1, 0);
        return;
    case Qt::Key_Up:
        moveSelection(0, -1);
        return;
    case Qt::Key_Down:
        moveSelection(0, 1);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(1.25, middle);
        return;
    case Qt::Key_Minus:
        zoomBy(0.8, middle);
        return;
    case Qt::Key_0:
        fit();
        return;
    case Qt::Key_Return:
        if (const int index = m_graph.indexOf(m_selected); index >= 0)
            emit nodeActivated(m_graph.nodes[index]);
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void TopologyView::leaveEvent(QEvent*)
{
    m_hovered = -1;
    update();
}

void TopologyView::resizeEvent(QResizeEvent*)
{
    if (!m_isViewChosen)
        fit();
}

} // namespace keelson::ui
