// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/icons.h"

#include <QApplication>
#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmapCache>
#include <QSvgRenderer>

#include <algorithm>
#include <cmath>

namespace keelson::ui {

namespace {

class RecolouredIcon : public QIconEngine {
public:
    RecolouredIcon(QString name, QColor color) : m_name(std::move(name)), m_color(color) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        paintIcon(*painter, rect, m_name, color(mode));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override
    {
        return iconPixmap(m_name, color(mode), std::min(size.width(), size.height()), 1);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal) override
    {
        return iconPixmap(m_name, color(mode), std::min(size.width(), size.height()), 1);
    }
    QIconEngine* clone() const override { return new RecolouredIcon(m_name, m_color); }

private:
    QColor color(QIcon::Mode mode) const
    {
        if (m_color.isValid() && mode != QIcon::Disabled)
            return m_color;
        return QApplication::palette().color(mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active,
                                             QPalette::ButtonText);
    }

    QString m_name;
    QColor m_color;
};

QByteArray drawing(const QString& name)
{
    QFile file(QStringLiteral(":/icons/") + name + QStringLiteral(".svg"));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

QPixmap iconPixmap(const QString& name, const QColor& color, int size, qreal pixelRatio)
{
    const auto key =
        QStringLiteral("icon/%1/%2/%3/%4").arg(name, color.name(QColor::HexArgb)).arg(size).arg(pixelRatio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    const int pixels = static_cast<int>(std::ceil(size * pixelRatio));
    pixmap = QPixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    QSvgRenderer renderer(drawing(name).replace("currentColor", color.name().toLatin1()));
    QPainter painter(&pixmap);
    painter.setOpacity(color.alphaF());
    renderer.render(&painter, QRectF(0, 0, pixels, pixels));
    painter.end();
    pixmap.setDevicePixelRatio(pixelRatio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

void paintIcon(QPainter& painter, const QRectF& rect, const QString& name, const QColor& color)
{
    const auto side = std::min(rect.width(), rect.height());
    // Drawn for the pixels that it will cover, on a zoomed canvas too; in steps, so that zooming does not fill the
    // cache.
    const auto zoom = std::max(0.25, std::ceil(std::abs(painter.worldTransform().m11()) * 4) / 4);
    const auto ratio = (painter.device() ? painter.device()->devicePixelRatioF() : 1) * zoom;
    const auto pixmap = iconPixmap(name, color, static_cast<int>(std::lround(side)), ratio);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawPixmap(QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side), pixmap,
                       QRectF(pixmap.rect()));
}

QIcon icon(const QString& name)
{
    return QIcon(new RecolouredIcon(name, {}));
}

QIcon icon(const QString& name, const QColor& color)
{
    return QIcon(new RecolouredIcon(name, color));
}

} // namespace keelson::ui
