// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/trace_canvas.h"

#include "widgets/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace keelson::ui {
namespace {

constexpr int axisHeight = 28;
constexpr int laneHeightMin = 34;
constexpr int lanePadding = 10; ///< Above and below the bars together.
constexpr int rowsMax = 5;
constexpr int rowPitch = 13;
constexpr int titleWidth = 132;
constexpr int rightMargin = 24;
constexpr int barHeight = 16;
constexpr int barHeightStacked = 10;
constexpr int barsAcross = 200; ///< So many of the shortest bars stand side by side in the whole trace.
constexpr int barWidthMin = 4;
constexpr int failedWidthMin = 12; ///< With room for its cross.
constexpr double zoomStep = 1.25;
constexpr double pixelsPerMsMax = 2000;
constexpr Milliseconds waitShown{300};

double millisecondsOf(Duration length)
{
    return static_cast<double>(length.count()) / 1e6;
}

/// The distance between two marks of the axis, at least 90 pixels: 1, 2 or 5 times a power of ten; from ten seconds on
/// as clocks count.
double markDistanceMs(double pixelsPerMs)
{
    constexpr double pixelsMin = 90;
    const auto least = pixelsMin / pixelsPerMs;
    constexpr double second = 1000;
    if (least > 5 * second)
        for (const auto seconds : {10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14'400, 43'200, 86'400})
            if (seconds * second >= least)
                return seconds * second;
    const auto power = std::pow(10.0, std::floor(std::log10(least)));
    for (const auto factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= least)
            return factor * power;
    }
    return 10 * power;
}

QString textOf(Duration length)
{
    return QString::fromStdString(trace::durationText(length));
}

} // namespace

TraceCanvas::TraceCanvas(QWidget* parent) : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Steps over time"));
    viewport()->setMouseTracking(true);
    setMinimumHeight(axisHeight + 3 * laneHeightMin);
}

void TraceCanvas::setTrace(trace::TraceView trace)
{
    const bool same = trace.root.uid == m_trace.root.uid && trace.begin() == m_trace.begin();
    m_trace = std::move(trace);
    m_waits = waitsOf(m_trace, waitShown);
    m_stacking = stackOf(m_trace, (m_trace.end() - m_trace.begin()) / barsAcross, rowsMax);
    if (!same) {
        m_pixelsPerMs = 0;
        m_current = -1;
    }
    updateBars();
    viewport()->update();
}

void TraceCanvas::setCurrent(int step)
{
    if (step == m_current || step >= static_cast<int>(m_trace.steps.size()))
        return;
    m_current = step;
    if (step >= 0) {
        const auto rect = stepRect(step);
        if (rect.left() < titleWidth || rect.left() > viewport()->width())
            horizontalScrollBar()->setValue(horizontalScrollBar()->value() + rect.left() - viewport()->width() / 2);
        if (rect.top() < axisHeight || rect.bottom() > viewport()->height())
            verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.top() - viewport()->height() / 2);
    }
    viewport()->update();
    emit currentChanged(step);
}

void TraceCanvas::setLanes(const QVector<int>& lanes)
{
    m_lanes = lanes;
    viewport()->update();
}

void TraceCanvas::fit()
{
    m_pixelsPerMs = 0;
    updateBars();
    viewport()->update();
}

void TraceCanvas::zoomBy(double factor, int x)
{
    const auto whole = std::max(1e-3, millisecondsOf(m_trace.end() - m_trace.begin()));
    const auto room = viewport()->width() - titleWidth - rightMargin;
    const auto fitting = room / whole;
    const auto before = m_pixelsPerMs > 0 ? m_pixelsPerMs : fitting;
    const auto after = std::min(before * factor, pixelsPerMsMax);
    const auto atMs = (x - titleWidth + horizontalScrollBar()->value()) / before;
    m_pixelsPerMs = after <= fitting ? 0 : after;
    updateBars();
    horizontalScrollBar()->setValue(static_cast<int>(atMs * after) -
                                    (x - titleWidth)); // what is under the pointer stays
    viewport()->update();
}

void TraceCanvas::updateBars()
{
    const auto room = std::max(1, viewport()->width() - titleWidth - rightMargin);
    const auto whole = std::max(1e-3, millisecondsOf(m_trace.end() - m_trace.begin()));
    const auto wide = m_pixelsPerMs > 0 ? static_cast<int>(std::min(whole * m_pixelsPerMs, 1e8)) : room;
    horizontalScrollBar()->setRange(0, std::max(0, wide - room));
    horizontalScrollBar()->setPageStep(room);
    horizontalScrollBar()->setSingleStep(40);
    const auto high = axisHeight + lanesHeight();
    verticalScrollBar()->setRange(0, std::max(0, high - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(laneHeightMin);
}

int TraceCanvas::xOf(WallTime time) const
{
    const auto ms = millisecondsOf(time - m_trace.begin());
    const auto room = std::max(1, viewport()->width() - titleWidth - rightMargin);
    const auto whole = std::max(1e-3, millisecondsOf(m_trace.end() - m_trace.begin()));
    const auto scale = m_pixelsPerMs > 0 ? m_pixelsPerMs : room / whole;
    return titleWidth + static_cast<int>(std::lround(ms * scale)) - horizontalScrollBar()->value();
}

int TraceCanvas::laneTop(int lane) const
{
    int top = axisHeight - verticalScrollBar()->value();
    for (int before = 0; before < lane; ++before)
        top += laneHeight(before);
    return top;
}

int TraceCanvas::laneHeight(int lane) const
{
    const auto& rows = m_stacking.rowsOfLanes;
    if (static_cast<std::size_t>(lane) >= rows.size())
        return laneHeightMin;
    return std::max(laneHeightMin, lanePadding + rowPitch * rows[static_cast<std::size_t>(lane)]);
}

int TraceCanvas::lanesHeight() const
{
    int height = 0;
    for (int lane = 0; lane < lanes().size(); ++lane)
        height += laneHeight(lane);
    return height;
}

QRect TraceCanvas::stepRect(int step) const
{
    const auto& shown = m_trace.steps[static_cast<std::size_t>(step)];
    const auto lane = laneOf(shown.step);
    if (lane < 0)
        return {};
    const auto left = xOf(shown.begin);
    const auto width = std::max(shown.failed ? failedWidthMin : barWidthMin, xOf(shown.end()) - left);
    const auto rows = m_stacking.rowsOfLanes[static_cast<std::size_t>(lane)];
    if (rows == 1)
        return {left, laneTop(lane) + (laneHeightMin - barHeight) / 2, width, barHeight};
    const auto above = (laneHeight(lane) - rowPitch * rows) / 2 + 1;
    const auto row = m_stacking.rows[static_cast<std::size_t>(step)];
    return {left, laneTop(lane) + above + rowPitch * row, width, barHeightStacked};
}

int TraceCanvas::stepAt(const QPoint& at) const
{
    constexpr int reach = 3; // short steps are hard to meet
    if (at.x() < titleWidth || at.y() < axisHeight)
        return -1;
    for (int i = static_cast<int>(m_trace.steps.size()) - 1; i >= 0; --i) {
        if (stepRect(i).adjusted(-reach, -reach, reach, reach).contains(at))
            return i;
    }
    return -1;
}

void TraceCanvas::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(viewport()->rect(), Theme::tokens().surface);
    if (m_trace.steps.empty())
        return;
    painter.save();
    painter.setClipRect(titleWidth, 0, viewport()->width() - titleWidth, viewport()->height());
    paintAxis(painter);
    painter.setClipRect(titleWidth, axisHeight, viewport()->width() - titleWidth, viewport()->height() - axisHeight);
    for (const auto& wait : m_waits) { // a quiet band where something was waited for
        const QRect band(xOf(wait.begin), axisHeight, xOf(wait.end) - xOf(wait.begin), viewport()->height());
        painter.fillRect(band, mixed(Theme::tokens().surface, Theme::status(StatusRole::Waiting), 0.14));
    }
    painter.restore();
    paintLanes(painter);
    painter.setClipRect(titleWidth, axisHeight, viewport()->width() - titleWidth, viewport()->height() - axisHeight);
    for (int i = 0; i < static_cast<int>(m_trace.steps.size()); ++i)
        paintStep(painter, i);
}

void TraceCanvas::paintAxis(QPainter& painter) const
{
    const auto& tokens = Theme::tokens();
    const auto room = std::max(1, viewport()->width() - titleWidth - rightMargin);
    const auto whole = std::max(1e-3, millisecondsOf(m_trace.end() - m_trace.begin()));
    const auto distance = markDistanceMs(m_pixelsPerMs > 0 ? m_pixelsPerMs : room / whole);
    for (double ms = 0; ms <= whole + distance; ms += distance) {
        const auto x = xOf(m_trace.begin() + Duration{static_cast<std::int64_t>(ms * 1e6)});
        if (x > viewport()->width())
            break;
        painter.setPen(tokens.border);
        painter.drawLine(x, axisHeight - 6, x, viewport()->height());
        const auto text = textOf(Duration{static_cast<std::int64_t>(ms * 1e6)});
        if (x + 4 + painter.fontMetrics().horizontalAdvance(text) > viewport()->width())
            break; // half a number is none
        painter.setPen(tokens.muted);
        painter.drawText(QRect(x + 4, 0, 120, axisHeight - 4), Qt::AlignLeft | Qt::AlignVCenter, text);
    }
}

void TraceCanvas::paintLanes(QPainter& painter) const
{
    const auto& tokens = Theme::tokens();
    const auto& all = lanes();
    for (int lane = 0; lane < all.size(); ++lane) {
        const QRect row(0, laneTop(lane), viewport()->width(), laneHeight(lane));
        painter.setPen(tokens.border);
        painter.drawLine(row.bottomLeft(), row.bottomRight());
        painter.fillRect(QRect(0, row.top(), titleWidth, row.height() - 1),
                         m_lanes.contains(lane) ? tokens.selection : tokens.surface);
        const bool used =
            std::ranges::any_of(m_trace.steps, [&](const auto& step) { return step.step == all[lane].step; });
        painter.setPen(used ? tokens.text : tokens.muted);
        painter.drawText(QRect(20, row.top(), titleWidth - 28, row.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(all[lane].title, Qt::ElideRight, titleWidth - 28));
    }
    painter.fillRect(QRect(0, 0, titleWidth, axisHeight), tokens.surface);
    painter.setPen(tokens.border);
    painter.drawLine(titleWidth, 0, titleWidth, viewport()->height());
    painter.drawLine(0, axisHeight, viewport()->width(), axisHeight);
}

void TraceCanvas::paintStep(QPainter& painter, int step) const
{
    const auto& shown = m_trace.steps[static_cast<std::size_t>(step)];
    const auto rect = stepRect(step);
    if (rect.isNull() || rect.right() < titleWidth || rect.left() > viewport()->width())
        return;
    const auto& tokens = Theme::tokens();
    auto colour = shown.failed ? Theme::status(StatusRole::Error) : tokens.accent;
    if (!m_lanes.isEmpty() && !m_lanes.contains(laneOf(shown.step)))
        colour = mixed(colour, tokens.surface, 0.7);
    painter.setPen(step == m_current ? QPen(tokens.text, 2) : QPen(Qt::NoPen));
    painter.setBrush(colour);
    painter.drawRoundedRect(rect, 3, 3);
    if (shown.failed) { // never by colour alone
        painter.setPen(QPen(tokens.surface, 2));
        const auto middle = QPoint(rect.left() + std::min(8, rect.width() / 2), rect.center().y());
        painter.drawLine(middle - QPoint(3, 3), middle + QPoint(3, 3));
        painter.drawLine(middle - QPoint(3, -3), middle + QPoint(3, -3));
    }
}

QString TraceCanvas::tip(int step) const
{
    const auto& shown = m_trace.steps[static_cast<std::size_t>(step)];
    const auto& object = m_trace.objects[shown.object];
    return tr("%1\n%2 · %3 after %4")
        .arg(QString::fromStdString(shown.summary), QString::fromStdString(object.text()), textOf(shown.length),
             textOf(shown.begin - m_trace.begin()));
}

QString TraceCanvas::waitAfter(int step) const
{
    const auto wait = std::ranges::find(m_waits, static_cast<std::size_t>(step), &Wait::after);
    return wait == m_waits.end() ? QString() : tr("Then nothing happened for %1").arg(textOf(wait->end - wait->begin));
}

QString TraceCanvas::tipAt(const QPoint& at) const
{
    if (const auto step = stepAt(at); step >= 0)
        return tip(step);
    if (at.x() < titleWidth || at.y() < axisHeight)
        return {};
    for (const auto& wait : m_waits)
        if (at.x() >= xOf(wait.begin) && at.x() <= xOf(wait.end))
            return tr("Waited for %1, since:\n%2")
                .arg(textOf(wait.end - wait.begin), QString::fromStdString(m_trace.steps[wait.after].summary));
    return {};
}

bool TraceCanvas::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        if (const auto text = tipAt(help->pos()); !text.isEmpty())
            QToolTip::showText(help->globalPos(), text, viewport());
        else
            QToolTip::hideText();
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void TraceCanvas::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    updateBars();
}

void TraceCanvas::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        setCurrent(stepAt(event->pos()));
}

void TraceCanvas::wheelEvent(QWheelEvent* event)
{
    if (!event->modifiers().testFlag(Qt::ControlModifier))
        return QAbstractScrollArea::wheelEvent(event);
    zoomBy(event->angleDelta().y() > 0 ? zoomStep : 1 / zoomStep, static_cast<int>(event->position().x()));
    event->accept();
}

void TraceCanvas::keyPressEvent(QKeyEvent* event)
{
    const auto count = static_cast<int>(m_trace.steps.size());
    switch (event->key()) {
    case Qt::Key_Right:
    case Qt::Key_Down:
        return setCurrent(std::min(m_current + 1, count - 1));
    case Qt::Key_Left:
    case Qt::Key_Up:
        return setCurrent(std::max(m_current - 1, count > 0 ? 0 : -1));
    case Qt::Key_Plus:
        return zoomBy(zoomStep, viewport()->width() / 2);
    case Qt::Key_Minus:
        return zoomBy(1 / zoomStep, viewport()->width() / 2);
    case Qt::Key_0:
        return fit();
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

} // namespace keelson::ui
