// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringView>

namespace keelson::ui {

/// Orders names as people count: digits by the number that they make ("sim-2" before "sim-10"), the rest by code unit.
/// Negative, 0 or positive, as `QString::compare`; 0 for equal texts only.
int naturalCompare(QStringView a, QStringView b);
inline bool naturalLess(QStringView a, QStringView b)
{
    return naturalCompare(a, b) < 0;
}

} // namespace keelson::ui
