/** The default theme, with room for tables and recordings of terminals. */
import DefaultTheme from "vitepress/theme";
import "./style.css";

export default DefaultTheme;
