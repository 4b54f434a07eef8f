// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/status.h"

#include <QColor>
#include <QFont>
#include <QString>

class QApplication;

namespace keelson::ui {

/// The colours of the window, by what they are for. Pages name no colour of their own.
struct Tokens {
    QColor window;  ///< Behind everything.
    QColor side;    ///< Sidebar, status bar.
    QColor surface; ///< Tables, cards, editors.
    QColor raised;  ///< Headers, hover.
    QColor border;
    QColor text;
    QColor muted; ///< Second-rank text; 4.5 : 1 on surface.
    QColor accent;
    QColor accentText; ///< On accent.
    QColor selection;
    QColor hover;
};

enum class ThemeMode { Light, Dark };

/// The look of the application; set once at start and whenever the user changes it. GUI thread.
class Theme {
public:
    static void apply(QApplication& application, ThemeMode mode);
    static ThemeMode mode();
    static const Tokens& tokens();

    /// The colour of a status role, for glyphs, rings and bars.
    static QColor status(StatusRole role);
    /// The same, moved in lightness until text in it reads at 4.5 : 1 on `background`.
    static QColor statusText(StatusRole role, const QColor& background);
    /// The name of the role's glyph among the icons: a shape of its own for each.
    static QString statusIcon(StatusRole role);
    static QFont monospace();
};

/// WCAG's contrast ratio, 1 to 21.
double contrast(const QColor& a, const QColor& b);
/// `color`, moved toward white or black until it has `ratio` on `background`.
QColor readable(QColor color, const QColor& background, double ratio = 4.5);
/// `a` and `b` mixed; `share` of b, 0 to 1.
QColor mixed(const QColor& a, const QColor& b, double share);

} // namespace keelson::ui
