// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/status.h"

#include <QVector>
#include <QWidget>

namespace keelson::ui {

/// The steps of something that takes a while: what each does, how it is, and when one fails, why and what to do.
class StepList : public QWidget {
    Q_OBJECT
public:
    struct Step {
        QString id;
        QString title;
        StatusRole role = StatusRole::Ending; ///< Ending: not begun.
        QString detail;
        QString advice;
    };
    explicit StepList(QWidget* parent = nullptr);

    /// Adds the step, or changes the one with its id.
    void set(const Step& step);
    void clear();
    const QVector<Step>& steps() const { return m_steps; }

    QSize sizeHint() const override { return {420, heightFor(420)}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return heightFor(width); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    int heightFor(int width) const;
    int stepHeight(const Step& step, int width) const;

    QVector<Step> m_steps;
};

} // namespace keelson::ui
