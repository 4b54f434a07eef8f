// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme.h"

#include "widgets/keelson_style.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QPixmapCache>

#include <algorithm>
#include <cmath>

/// The drawings are in a static library, whose resources somebody has to ask for; the macro wants no namespace.
static void loadDrawings()
{
    Q_INIT_RESOURCE(icons);
}

namespace keelson::ui {

namespace {

const Tokens light{
    .window = QColor(0xf4f6f9),
    .side = QColor(0xebeef3),
    .surface = QColor(0xffffff),
    .raised = QColor(0xf3f5f8),
    .border = QColor(0xdbe0e7),
    .text = QColor(0x1a2230),
    .muted = QColor(0x566072),
    .accent = QColor(0x2563c9),
    .accentText = QColor(0xffffff),
    .selection = QColor(0xd9e6fb),
    .hover = QColor(0xedf2fa),
};
const Tokens dark{
    .window = QColor(0x12161c),
    .side = QColor(0x0e1217),
    .surface = QColor(0x191f28),
    .raised = QColor(0x212936),
    .border = QColor(0x2c3542),
    .text = QColor(0xe4e9f0),
    .muted = QColor(0x9aa6b7),
    .accent = QColor(0x5d9bf5),
    .accentText = QColor(0x0b1220),
    .selection = QColor(0x25406b),
    .hover = QColor(0x202a39),
};

ThemeMode currentMode = ThemeMode::Light;

double luminance(const QColor& color)
{
    const auto channel = [](double value) {
        return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(color.redF()) + 0.7152 * channel(color.greenF()) + 0.0722 * channel(color.blueF());
}

QPalette paletteOf(const Tokens& tokens)
{
    QPalette palette;
    palette.setColor(QPalette::Window, tokens.window);
    palette.setColor(QPalette::WindowText, tokens.text);
    palette.setColor(QPalette::Base, tokens.surface);
    palette.setColor(QPalette::AlternateBase, tokens.raised);
    palette.setColor(QPalette::Text, tokens.text);
    palette.setColor(QPalette::Button, tokens.surface);
    palette.setColor(QPalette::ButtonText, tokens.text);
    palette.setColor(QPalette::BrightText, tokens.text);
    palette.setColor(QPalette::Highlight, tokens.selection);
    palette.setColor(QPalette::HighlightedText, tokens.text);
    palette.setColor(QPalette::ToolTipBase, tokens.raised);
    palette.setColor(QPalette::ToolTipText, tokens.text);
    palette.setColor(QPalette::PlaceholderText, tokens.muted);
    palette.setColor(QPalette::Link, tokens.accent);
    palette.setColor(QPalette::LinkVisited, tokens.accent);
    palette.setColor(QPalette::Light, tokens.raised);
    palette.setColor(QPalette::Midlight, tokens.border);
    palette.setColor(QPalette::Mid, tokens.border);
    palette.setColor(QPalette::Dark, tokens.border);
    palette.setColor(QPalette::Shadow, tokens.border);
    const auto faint = mixed(tokens.text, tokens.surface, 0.55);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, faint);
    palette.setColor(QPalette::Disabled, QPalette::Base, tokens.window);
    return palette;
}

} // namespace

double contrast(const QColor& a, const QColor& b)
{
    const auto [dimmer, brighter] = std::minmax(luminance(a), luminance(b));
    return (brighter + 0.05) / (dimmer + 0.05);
}

QColor mixed(const QColor& a, const QColor& b, double share)
{
    const auto mix = [share](double x, double y) { return static_cast<float>(x + (y - x) * share); };
    return QColor::fromRgbF(mix(a.redF(), b.redF()), mix(a.greenF(), b.greenF()), mix(a.blueF(), b.blueF()));
}

QColor readable(QColor color, const QColor& background, double ratio)
{
    const QColor toward = luminance(background) > 0.3 ? Qt::black : Qt::white;
    const QColor start = color;
    for (int step = 1; step <= 20 && contrast(color, background) < ratio; ++step)
        color = mixed(start, toward, step * 0.05);
    return color;
}

void Theme::apply(QApplication& application, ThemeMode mode)
{
    const bool isFirst = qobject_cast<KeelsonStyle*>(application.style()) == nullptr;
    currentMode = mode;
    QPixmapCache::clear();
    if (isFirst) {
        loadDrawings();
        auto font = application.font();
        font.setPointSizeF(9.5);
        application.setFont(font);
        application.setStyle(new KeelsonStyle);
    }
    application.setPalette(paletteOf(tokens()));
}

ThemeMode Theme::mode()
{
    return currentMode;
}

const Tokens& Theme::tokens()
{
    return currentMode == ThemeMode::Dark ? dark : light;
}

QColor Theme::status(StatusRole role)
{
    static const QColor colors[] = {0x4caf50, 0x43a047, 0x00a7a0, 0xff9800, 0xce3933, 0x4c5053, 0x9e9e9e};
    auto color = colors[static_cast<int>(role)];
    return readable(color, tokens().surface, 2.4); // a glyph has to be seen, in both themes
}

QColor Theme::statusText(StatusRole role, const QColor& background)
{
    return readable(status(role), background);
}

QString Theme::statusIcon(StatusRole role)
{
    return statusRoleName(role);
}

QFont Theme::monospace()
{
    auto font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(QApplication::font().pointSizeF());
    return font;
}

} // namespace keelson::ui
