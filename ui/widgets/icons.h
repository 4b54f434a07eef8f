// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QRectF>
#include <QString>

class QPainter;

namespace keelson::ui {

/// One of our drawings (resources/icons), in the colour of the palette at the moment it is painted; crisp at any scale.
QIcon icon(const QString& name);
/// The same in a colour of its own.
QIcon icon(const QString& name, const QColor& color);
/// Paints it into `rect`.
void paintIcon(QPainter& painter, const QRectF& rect, const QString& name, const QColor& color);
/// `size` logical pixels, for a screen of that ratio.
QPixmap iconPixmap(const QString& name, const QColor& color, int size, qreal pixelRatio);

} // namespace keelson::ui
