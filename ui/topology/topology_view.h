// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "topology/graph.h"

#include <QPainterPath>
#include <QTimer>
#include <QVariantAnimation>
#include <QWidget>

namespace keelson::ui {

/// The map itself: draws a graph, pans, zooms, and tells what was pointed at.
///
/// The farther away, the less is drawn: groups, then coloured cards, then names, then everything.
class TopologyView : public QWidget {
    Q_OBJECT
public:
    explicit TopologyView(const Clock& clock, QWidget* parent = nullptr);

    void setGraph(Graph graph);
    const Graph& graph() const { return m_graph; }
    void setSearch(const QString& text);
    void select(const QString& id, bool reveal);
    QString selected() const { return m_selected; }
    void fit();
    void zoomBy(double factor, QPointF about);
    double zoom() const { return m_zoom; }
    /// Renders the whole map, whatever is in view.
    void renderAll(QPainter& painter, const QRectF& target);

signals:
    void nodeClicked(const keelson::ui::GraphNode& node);
    void nodeActivated(const keelson::ui::GraphNode& node);

protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QPointF toScene(QPointF point) const { return (point - m_offset) / m_zoom; }
    int nodeAt(QPointF scenePoint) const;
    void rebuildEdges();
    void drawGroups(QPainter& painter, const QRectF& visible) const;
    void drawTitles(QPainter& painter, const QRectF& visible) const;
    void drawEdges(QPainter& painter) const;
    void drawFocusEdges(QPainter& painter) const;
    void drawNodes(QPainter& painter, const QRectF& visible) const;
    void drawNode(QPainter& painter, const GraphNode& node) const;
    void drawRing(QPainter& painter, const QRectF& rect, const StatusCounts& counts) const;
    void drawHoverCard(QPainter& painter) const;
    void moveSelection(int dx, int dy);
    bool isDimmed(const GraphNode& node) const;

    const Clock& m_clock;
    Graph m_graph;
    QPainterPath m_selects, m_owns; ///< All edges of a kind within groups, in one path each.
    QHash<QString, QRectF> m_from;  ///< Where nodes come from while they move.
    QVariantAnimation m_move;
    double m_moved = 1;
    QString m_search;
    QString m_selected;
    int m_hovered = -1;
    double m_zoom = 1;
    QPointF m_offset{24, 24};
    QPointF m_pressedAt;
    QPointF m_offsetAtPress;
    bool m_isPanning = false;
    bool m_isViewChosen = false; ///< By the user; until then all is kept in sight.
};

} // namespace keelson::ui
