// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/folding_bar.h"

#include <QEvent>
#include <QLayout>
#include <QToolButton>

#include <utility>

namespace keelson::ui {

bool FoldingBar::Step::counts() const
{
    return !button || !button->isHidden();
}

void FoldingBar::foldWords(QToolButton* button)
{
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    const int narrow = button->sizeHint().width();
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_steps.append({button, button, button->sizeHint().width() - narrow, false});
}

void FoldingBar::foldAway(QWidget* widget)
{
    m_steps.append({widget, nullptr, widget->sizeHint().width() + layout()->spacing(), false});
}

int FoldingBar::widthUnfolded() const
{
    int wide = layout()->minimumSize().width();
    for (const auto& step : m_steps)
        if (step.isFolded && step.counts())
            wide += step.gain;
    return wide;
}

QSize FoldingBar::minimumSizeHint() const
{
    if (!layout())
        return QWidget::minimumSizeHint();
    int wide = widthUnfolded();
    for (const auto& step : m_steps)
        if (step.counts())
            wide -= step.gain;
    return {wide, layout()->minimumSize().height()};
}

bool FoldingBar::event(QEvent* event)
{
    const bool isDone = QWidget::event(event);
    if (event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest)
        fold();
    return isDone;
}

void FoldingBar::fold()
{
    if (!layout())
        return;
    int wanted = widthUnfolded();
    for (auto& step : m_steps) {
        const bool isFolded = step.counts() && wanted > width();
        if (isFolded)
            wanted -= step.gain;
        if (std::exchange(step.isFolded, isFolded) == isFolded)
            continue;
        if (step.button)
            step.button->setToolButtonStyle(isFolded ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
        else
            step.widget->setVisible(!isFolded);
    }
}

} // namespace keelson::ui
