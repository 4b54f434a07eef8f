// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QVector>
#include <QWidget>

class QToolButton;

namespace keelson::ui {

/// A row of widgets, in a layout, that makes do with less room: step by step, in the order in which they were added,
/// buttons lose their words and widgets that can be missed go.
class FoldingBar : public QWidget {
public:
    using QWidget::QWidget;

    void foldWords(QToolButton* button); ///< It has an icon and words.
    void foldAway(QWidget* widget);      ///< Nothing else hides or shows it.
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;

private:
    struct Step {
        QWidget* widget = nullptr;
        QToolButton* button = nullptr; ///< Null: the widget goes.
        int gain = 0;                  ///< Pixels.
        bool isFolded = false;

        bool counts() const; ///< What is hidden by others has nothing to give.
    };
    int widthUnfolded() const;
    void fold();

    QVector<Step> m_steps;
};

} // namespace keelson::ui
