// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/page_title.h"

namespace keelson::ui {

namespace {

constexpr qreal growth = 1.55;

/// From the middle of a line down to where its letters stand, twice.
int lineBelowMiddle(const QFontMetrics& metrics)
{
    return 2 * metrics.ascent() - metrics.height();
}

} // namespace

PageTitle::PageTitle(const QString& text, QWidget* parent) : QLabel(text, parent)
{
    auto large = font();
    large.setPointSizeF(large.pointSizeF() * growth);
    large.setBold(true);
    setFont(large);
}

void PageTitle::alignWords(QWidget& words) const
{
    words.setContentsMargins(0, lineBelowMiddle(fontMetrics()) - lineBelowMiddle(words.fontMetrics()), 0, 0);
}

} // namespace keelson::ui
