// SPDX-License-Identifier: Apache-2.0
// The main of tests that open windows: without a display, and with nothing of what the user has.
#include "widgets/theme.h"

#include <gtest/gtest.h>

#include <QApplication>
#include <QTemporaryDir>

int main(int argc, char** argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QTemporaryDir home;
    qputenv("XDG_CONFIG_HOME", home.path().toUtf8());
    qputenv("XDG_DATA_HOME", home.path().toUtf8());
    testing::InitGoogleTest(&argc, argv);
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("keelson-test"));
    QApplication::setApplicationName(QStringLiteral("keelson-test"));
    keelson::ui::Theme::apply(application, keelson::ui::ThemeMode::Light);
    return RUN_ALL_TESTS();
}
