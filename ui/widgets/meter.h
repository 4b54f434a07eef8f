// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/status.h"

#include <QWidget>

namespace keelson::ui {

/// A thin bar of parts: how many are in which state, or how much of a whole is used.
class Meter : public QWidget {
    Q_OBJECT
public:
    struct Part {
        StatusRole role;
        double share; ///< Of the whole, 0 to 1.
    };
    explicit Meter(QWidget* parent = nullptr);

    void setParts(const QVector<Part>& parts);
    /// One part in the accent colour; turns to waiting over 85 % and to error over 97 %.
    void setUsed(double share);

    QSize sizeHint() const override { return {120, 8}; }
    QSize minimumSizeHint() const override { return {40, 8}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVector<Part> m_parts;
    double m_used = -1;
};

/// A rounded surface with room around its content; clickable when somebody listens.
class Card : public QWidget {
    Q_OBJECT
public:
    explicit Card(QWidget* parent = nullptr);
    void setClickable(bool clickable);

signals:
    void clicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    bool m_isClickable = false;
};

} // namespace keelson::ui
