// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/clock.h"
#include "buildinfo/build_info.h"
#include "models/read.h"
#include "window/options.h"
#include "window/screenshot.h"
#include "window/workbench.h"

#include <QApplication>
#include <QClipboard>
#include <QLocale>
#include <QTranslator>

#include <cstdio>
#include <memory>

namespace {

/// What the picture-only platform says of itself is no news to who asked for a picture.
void withoutPlatformChatter(QtMsgType type, const QMessageLogContext& context, const QString& message)
{
    const bool isChatter = message.startsWith(QLatin1String("This plugin does not support")) ||
                           message.startsWith(QLatin1String("QStandardPaths: XDG_RUNTIME_DIR"));
    if (!isChatter)
        std::fprintf(stderr, "%s\n", qUtf8Printable(qFormatLogMessage(type, context, message)));
}

/// Whether windows can be shown. Where not, pictures can be drawn, and bad options are told.
bool findDisplay()
{
#ifdef Q_OS_LINUX
    if (qEnvironmentVariableIsSet("QT_QPA_PLATFORM") || !qEnvironmentVariableIsEmpty("DISPLAY") ||
        !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY"))
        return true;
    qputenv("QT_QPA_PLATFORM", "offscreen");
    return false;
#else
    return true;
#endif
}

} // namespace

int main(int argc, char** argv)
{
    using namespace keelson::ui;
    const bool hasDisplay = findDisplay();
    qInstallMessageHandler(withoutPlatformChatter);
    QApplication application(argc, argv);
    // Names that are shown with places to break are copied without them.
    auto* clipboard = QApplication::clipboard();
    QObject::connect(clipboard, &QClipboard::dataChanged, clipboard, [clipboard] {
        if (const auto text = clipboard->text(); clipboard->ownsClipboard() && text != unbroken(text))
            clipboard->setText(unbroken(text));
    });
    QTranslator translator;
    if (translator.load(QLocale(), QStringLiteral("keelson"), QStringLiteral("_"), QStringLiteral(":/translations")) ||
        translator.load(QStringLiteral(":/translations/keelson_en")))
        QApplication::installTranslator(&translator);
    QCoreApplication::setApplicationName(QStringLiteral("keelson"));
    QCoreApplication::setOrganizationName(QStringLiteral("keelson"));
    QCoreApplication::setApplicationVersion(QString::fromLatin1(keelson::versionText));
    const auto options = readOptions(QCoreApplication::arguments());
    if (!options) {
        std::fprintf(stderr, "keelson: %s\n", options.error().message.c_str());
        return 2;
    }
    if (options->helpShown) {
        std::fputs(qUtf8Printable(helpText()), stdout);
        return 0;
    }
    if (!hasDisplay && options->screenshot.isEmpty()) {
        std::fputs("keelson: there is no display; use --screenshot FILE to render a page without one\n", stderr);
        return 1;
    }
    const keelson::SystemClock clock;
    Workbench window(*options, clock);
    window.start();
    window.show();
    std::unique_ptr<Screenshot> screenshot;
    if (!options->screenshot.isEmpty())
        screenshot = std::make_unique<Screenshot>(window, options->screenshot, [&window] { return window.progress(); });
    return QApplication::exec();
}
