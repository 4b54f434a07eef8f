// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/kinds.h"

#include <QListWidget>

namespace keelson::ui {

/// The kinds that can be drawn onto the canvas, by groups. A kind is dragged with the mouse, or chosen by a double
/// click or Enter. Where there is no room for names it shows icons alone.
class PaletteList : public QListWidget {
    Q_OBJECT
public:
    static constexpr int wordsWidthMin = 150;
    static constexpr int iconsWidth = 46;

    explicit PaletteList(QWidget* parent = nullptr);

    void setKinds(const document::Kinds& kinds);
    QListWidgetItem* itemOf(const QString& kind) const; ///< Null when it is not offered.
    bool hasWords() const { return m_hasWords; }

signals:
    void chosen(const QString& kind);
    void dragged(const QString& kind, const QPoint& globalPosition);
    void dropped(const QString& kind, const QPoint& globalPosition);
    void dragCancelled();

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitRows();

    QString m_kind; ///< Pressed, perhaps dragged.
    QPoint m_pressed;
    bool m_isDragging = false;
    bool m_hasWords = true;
};

} // namespace keelson::ui
