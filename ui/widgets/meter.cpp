// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/meter.h"

#include "widgets/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace keelson::ui {

Meter::Meter(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void Meter::setParts(const QVector<Part>& parts)
{
    m_parts = parts;
    m_used = -1;
    update();
}

void Meter::setUsed(double share)
{
    m_used = std::clamp(share, 0.0, 1.0);
    update();
}

void Meter::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& tokens = Theme::tokens();
    const QRectF bar(0, (height() - 6) / 2.0, width(), 6);
    QPainterPath shape;
    shape.addRoundedRect(bar, 3, 3);
    painter.setClipPath(shape);
    painter.fillRect(bar, mixed(tokens.surface, tokens.border, 0.9));
    if (m_used >= 0) {
        auto color = m_used > 0.97   ? Theme::status(StatusRole::Error)
                     : m_used > 0.85 ? Theme::status(StatusRole::Waiting)
                                     : tokens.accent;
        painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * m_used, bar.height()), color);
        return;
    }
    qreal x = bar.left();
    for (const auto& part : m_parts) {
        const auto width = bar.width() * part.share;
        painter.fillRect(QRectF(x, bar.top(), std::max(width - 1, 1.0), bar.height()), Theme::status(part.role));
        x += width;
    }
}

Card::Card(QWidget* parent) : QWidget(parent) {}

void Card::setClickable(bool clickable)
{
    m_isClickable = clickable;
    setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
    setFocusPolicy(clickable ? Qt::TabFocus : Qt::NoFocus);
}

void Card::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& tokens = Theme::tokens();
    const bool isLit = m_isClickable && (underMouse() || hasFocus());
    painter.setPen(isLit ? tokens.accent : tokens.border);
    painter.setBrush(tokens.surface);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
}

void Card::enterEvent(QEnterEvent*)
{
    update();
}

void Card::leaveEvent(QEvent*)
{
    update();
}

void Card::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_isClickable && event->button() == Qt::LeftButton && rect().contains(event->position().toPoint()))
        emit clicked();
}

void Card::keyPressEvent(QKeyEvent* event)
{
    if (m_isClickable && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space))
        emit clicked();
    else
        QWidget::keyPressEvent(event);
}

} // namespace keelson::ui
