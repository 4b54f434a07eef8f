// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tracing/lanes.h"

#include <QAbstractScrollArea>

#include <optional>

namespace keelson::ui {

/// A trace as swim lanes: a lane a step, time from left to right. The wheel with Ctrl and the keys + and - zoom, the
/// arrow keys go from step to step.
class TraceCanvas : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit TraceCanvas(QWidget* parent = nullptr);

    void setTrace(trace::TraceView trace);
    const trace::TraceView& trace() const { return m_trace; }
    /// The chosen step, or -1.
    int current() const { return m_current; }
    void setCurrent(int step);
    /// Dims the other lanes; empty: none.
    void setLanes(const QVector<int>& lanes);
    void fit();
    void zoomBy(double factor, int x);
    /// Where a step is drawn, in the viewport; for tests and tool tips.
    QRect stepRect(int step) const;
    /// "Then nothing happened for 14 s" where a pause follows that this step explains; else empty.
    QString waitAfter(int step) const;
    /// What is told of a place of the viewport: a step, or what was waited for there; empty: nothing.
    QString tipAt(const QPoint& at) const;

signals:
    void currentChanged(int step);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    void updateBars();
    int xOf(WallTime time) const;
    int laneTop(int lane) const;
    int laneHeight(int lane) const;
    int lanesHeight() const; ///< Of all of them.
    int stepAt(const QPoint& at) const;
    void paintAxis(QPainter& painter) const;
    void paintLanes(QPainter& painter) const;
    void paintStep(QPainter& painter, int step) const;
    QString tip(int step) const;

    trace::TraceView m_trace;
    std::vector<Wait> m_waits;
    Stacking m_stacking;
    double m_pixelsPerMs = 0; ///< 0: as wide as the window.
    int m_current = -1;
    QVector<int> m_lanes; ///< Those that are not dimmed; empty: all.
};

} // namespace keelson::ui
